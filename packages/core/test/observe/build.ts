import type { Hint, Snapshot, StoredState, Tier } from "../../src/index.ts";

export const snapshot = (change: Partial<Snapshot> = {}): Snapshot => ({
  type: "file",
  dev: 1n,
  ino: 2n,
  size: 3n,
  mtimeNs: 4n,
  ctimeNs: 5n,
  birthtimeNs: 6n,
  mode: 0o644,
  uid: 7,
  gid: 8,
  digest: `blake3:${"a".repeat(64)}`,
  incomplete: null,
  symlinkTarget: null,
  ...change,
});

export const stored = (held: Snapshot | null, change: Partial<StoredState> = {}): StoredState => ({
  snapshot: held,
  generation: 1,
  touchedAt: 0,
  ...change,
});

export const hint = (
  path: string,
  tier: Tier = "standard",
  source: Hint["source"] = "watch",
): Hint => ({
  path,
  tier,
  source,
});
