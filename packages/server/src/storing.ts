import type { ServerSettings } from "./settings.ts";
import type { StoreOptions } from "./store/sqlite.ts";

/** What the store is opened with. */
export function storeOptions(
  file: string,
  { store, ledger, retention }: ServerSettings,
): StoreOptions {
  return {
    file,
    cacheBytes: store.cache_bytes,
    checkMaxBytes: store.check_max_bytes,
    scanMax: store.scan_max,
    prunePiece: retention.piece,
    silentS: ledger.silent_s,
    duplicateWindowS: ledger.duplicate_window_s,
    maxGaps: ledger.max_gaps,
    now: Date.now,
  };
}
