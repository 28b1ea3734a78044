import type { PathKey, Snapshot } from "@sigil/core/plain";
import {
  snapshotAside,
  snapshotFile,
  snapshotLink,
  snapshotUnstable,
  type HashOptions,
} from "./hash.ts";
import { resolvePath } from "./resolve.ts";

export interface ObserveOptions extends HashOptions {
  readonly follow: boolean;
  /** Files larger than this are left to the worker. Bytes. */
  readonly inlineMaxBytes: number;
}

/** What looking at a path once came to. `hops`: the places its links lead through, to be watched. */
export type Observation =
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly errno: string }
  | { readonly kind: "present"; readonly snapshot: Snapshot; readonly hops: readonly PathKey[] }
  | { readonly kind: "deferred"; readonly size: bigint };

/** Resolves and hashes a path; one that changes while it is read is looked at again from the start. */
export function observe(path: PathKey, options: ObserveOptions): Observation {
  for (let attempt = 1; ; attempt += 1) {
    const resolved = resolvePath(path, options.follow);
    switch (resolved.kind) {
      case "absent":
      case "directory":
        return { kind: "absent" };
      case "unreadable":
        return resolved;
      case "link":
        return { kind: "present", snapshot: snapshotLink(resolved), hops: resolved.hops };
      case "found": {
        const { size } = resolved.stat;
        const large = size > options.inlineMaxBytes && size <= options.maxBytes;
        if (large && resolved.stat.isFile()) return { kind: "deferred", size };
        const snapshot = snapshotFile(resolved, options);
        if (snapshot !== "moved") return { kind: "present", snapshot, hops: resolved.hops };
        if (attempt < options.attempts) continue;
        return { kind: "present", snapshot: snapshotUnstable(resolved), hops: resolved.hops };
      }
    }
  }
}

/** As {@link observe}, of a large file: on a thread of its own, where one is read at a time. */
export async function observeAside(path: PathKey, options: ObserveOptions): Promise<Observation> {
  for (let attempt = 1; ; attempt += 1) {
    const resolved = resolvePath(path, options.follow);
    if (resolved.kind !== "found") return observe(path, options);
    const snapshot = await snapshotAside(resolved, options);
    if (snapshot === "moved" && attempt < options.attempts) continue;
    return {
      kind: "present",
      snapshot: snapshot === "moved" ? snapshotUnstable(resolved) : snapshot,
      hops: resolved.hops,
    };
  }
}
