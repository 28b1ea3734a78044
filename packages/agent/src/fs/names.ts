import type { PathKey } from "@sigil/core/plain";
import { joinKey, parentKey } from "./keys.ts";

const DOT = Buffer.from(".");
const DOTDOT = Buffer.from("..");

/** The names a path or a link's text is made of, without `.`; bytes, as names on Linux are. */
export function namesIn(path: Buffer): Buffer[] {
  const names: Buffer[] = [];
  let start = 0;
  for (let index = 0; index <= path.length; index += 1) {
    const byte = path[index];
    if (index < path.length && byte !== 0x2f && !(byte === 0x5c && process.platform === "win32"))
      continue;
    if (index > start) names.push(path.subarray(start, index));
    start = index + 1;
  }
  return names.filter((name) => !name.equals(DOT));
}

/** An entry of a real directory, or for `..` the directory above it. */
export function entryOf(directory: PathKey, name: Buffer): PathKey {
  return name.equals(DOTDOT) ? (parentKey(directory) ?? directory) : joinKey(directory, name);
}
