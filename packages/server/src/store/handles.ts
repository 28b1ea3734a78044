import { randomUUID } from "node:crypto";
import { fail } from "../errors.ts";
import { createCommitter, type Failed } from "./commit.ts";
import { isDamage, moveAside, openDatabase, openReader, storeError, type Db } from "./database.ts";
import type { AdmittedBatch, Commit } from "./model.ts";
import { createPruner, createRetentionClock } from "./prune.ts";
import { createReads, type ReadOptions, type Reads } from "./reads.ts";

export type StoreOptions = ReadOptions & {
  /** server.db; its directory holds the lock, and must exist. */
  readonly file: string;
  readonly cacheBytes: number;
  readonly checkMaxBytes: number;
  /** Events deleted in one transaction. */
  readonly prunePiece: number;
  /** A damaged store was moved there and a new one begun: senders send again what they still have. */
  readonly onSetAside?: (file: string) => void;
};

type Open = {
  readonly writer: Db;
  readonly reader: Db;
  readonly commit: (batches: readonly AdmittedBatch[]) => readonly (Commit | Failed)[];
  readonly prune: ReturnType<typeof createPruner>;
  readonly retentionTime: ReturnType<typeof createRetentionClock>;
  readonly reads: Reads;
};

/** The open store, which is another after damage. */
export interface Handles {
  /** @throws SIGIL_SERVER_STORE when it cannot be opened again */
  current(): Open;
  /** Takes note of what SQLite said: a damaged store is set aside at once. Never throws. */
  failed(error: unknown): void;
  close(): void;
}

/** @throws SIGIL_SERVER_STORE, SIGIL_SERVER_STORE_NEWER */
export function createHandles(options: StoreOptions): Handles {
  let open: Open | null = begin(options);
  let isClosed = false;
  return {
    current() {
      if (isClosed) throw fail("SIGIL_SERVER_STORE", "the store is closed");
      open ??= begin(options);
      return open;
    },
    failed(error) {
      if (!isDamage(error) || !open) return;
      shut(open);
      open = null;
      try {
        const aside = moveAside(options.file, options.now());
        options.onSetAside?.(aside);
      } catch {
        // It stays where it is: the next use opens it, finds the damage and tries again.
      }
    },
    close() {
      if (open) shut(open);
      open = null;
      isClosed = true;
    },
  };
}

function begin(options: StoreOptions): Open {
  const { file } = options;
  const { db: writer, setAside } = openDatabase(options, options.now());
  let reader: Db | null = null;
  try {
    if (setAside !== null) options.onSetAside?.(setAside);
    writer
      .prepare("INSERT INTO meta (key, value) VALUES ('store_id', ?) ON CONFLICT (key) DO NOTHING")
      .run(randomUUID());
    reader = openReader(file, options.cacheBytes / 2);
    if (!reader) throw fail("SIGIL_SERVER_STORE", `there is no ${file}`);
    return {
      writer,
      reader,
      commit: createCommitter(writer),
      prune: createPruner(writer),
      retentionTime: createRetentionClock(writer),
      reads: createReads(reader, options),
    };
  } catch (error) {
    reader?.close();
    writer.close();
    throw storeError(error, file);
  }
}

/** The writer last: whoever closes last moves the write-ahead log into the store. */
function shut({ reader, writer }: Open): void {
  for (const db of [reader, writer]) {
    try {
      db.close();
    } catch {
      // Of a damaged store nothing more is expected.
    }
  }
}
