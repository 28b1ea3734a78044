import { closeSync, fstatSync, readSync } from "node:fs";
import { errnoOf } from "@sigil/core/plain";
import { openNoFollow } from "./open.ts";

export type BoundedRead =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly errno: string }
  | { readonly kind: "too_large"; readonly size: number }
  | { readonly kind: "not_regular" };

/** Reads a small regular file whole, without following a final link and without waiting on a FIFO. */
export function readBounded(path: string | Buffer, maxBytes: number): BoundedRead {
  let descriptor: number;
  try {
    descriptor = openNoFollow(path);
  } catch (error) {
    const errno = errnoOf(error) ?? "EUNKNOWN";
    return errno === "ENOENT" || errno === "ENOTDIR"
      ? { kind: "absent" }
      : { kind: "unreadable", errno };
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { kind: "not_regular" };
    if (stat.size > maxBytes) return { kind: "too_large", size: stat.size };
    return readUpTo(descriptor, maxBytes);
  } catch (error) {
    return { kind: "unreadable", errno: errnoOf(error) ?? "EUNKNOWN" };
  } finally {
    closeSync(descriptor);
  }
}

/** A file may grow after its size was taken: the bound holds for what is read, not for what stat said. */
function readUpTo(descriptor: number, maxBytes: number): BoundedRead {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(64 * 1024);
    const count = readSync(descriptor, chunk, 0, chunk.length, null);
    if (count === 0) return { kind: "read", bytes: Buffer.concat(chunks, total) };
    total += count;
    if (total > maxBytes) return { kind: "too_large", size: total };
    chunks.push(chunk.subarray(0, count));
  }
}
