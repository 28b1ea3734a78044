import type { PathKey } from "@sigil/core";
import { bytesOfKey, parentKey } from "../../src/fs/keys.ts";
import { observe } from "../../src/pipeline/observe.ts";
import type { Store } from "../../src/state/store.ts";
import { hasher } from "../build.ts";

const LIMITS = { maxBytes: 1 << 20, inlineMaxBytes: 1 << 20, attempts: 1, linkOwners: null };

/** Stores a path as it is on disk. */
export function remember(store: Store, path: PathKey, targetId = "t"): void {
  const seen = observe(path, { follow: true, hasher, ...LIMITS });
  if (seen.kind !== "present") throw new Error(seen.kind);
  store.commit([
    {
      path: bytesOfKey(path),
      parent: bytesOfKey(parentKey(path) ?? path),
      targetId,
      generation: 1,
      touchedAt: 0,
      removedAt: null,
      snapshot: seen.snapshot,
    },
  ]);
}
