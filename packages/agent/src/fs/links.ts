import { lstatSync, readlinkSync } from "node:fs";
import { isAbsolute, parse } from "node:path";
import { keyText, type PathKey } from "@sigil/core/plain";
import { bytesOfKey, fsPath, keyOfBytes, parentKey } from "./keys.ts";
import { entryOf, namesIn } from "./names.ts";

/** Links followed before a path counts as a loop; the kernel's own limit is 40. */
const MAX_LINKS = 32;
/** Levels that are looked after above one place; a link may name thousands. */
const MAX_LEVELS = 64;

/**
 * Every link that is passed on the way to where a path leads, where each of them lies, and at last the place itself.
 * Whoever swaps one of them changes what the path means. Never throws.
 */
export function linksOn(path: PathKey): PathKey[] {
  const found: PathKey[] = [];
  let { root: at, rest } = apart(path);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    // `at` has no link left in it, so that `..` after a linked directory goes up from where that link leads.
    const next = entryOf(at, name);
    const target = readLink(next);
    if (target === null) {
      at = next;
      continue;
    }
    found.push(next);
    if (found.length >= MAX_LINKS) return found;
    const led = apart(target);
    if (led.root !== "") at = led.root;
    rest = [...led.rest, ...rest];
  }
  return found.length === 0 ? found : [...found, at];
}

/**
 * Places with the directories above each of them, nearest to the filesystem root first. One that is renamed takes what
 * is below it away without an event there, and one that is missing may come.
 */
export function withAbove(places: readonly PathKey[]): PathKey[] {
  const all = places.flatMap((place) => [...above(place).slice(0, MAX_LEVELS), place]);
  return [...new Set(all)];
}

/** The filesystem root is not among them: it has no name that could change. */
function above(place: PathKey): PathKey[] {
  const found: PathKey[] = [];
  let next = parentKey(place);
  for (let at = next; at !== null; at = next) {
    next = parentKey(at);
    if (next !== null) found.unshift(at);
  }
  return found;
}

/** The root of an absolute path, and the names below it. */
function apart(path: PathKey): { root: string; rest: Buffer[] } {
  const root = isAbsolute(keyText(path)) ? parse(keyText(path)).root : "";
  return { root, rest: namesIn(bytesOfKey(path).subarray(Buffer.byteLength(root))) };
}

function readLink(path: PathKey): PathKey | null {
  try {
    const stat = lstatSync(fsPath(path), { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() !== true) return null;
    return keyOfBytes(readlinkSync(fsPath(path), { encoding: "buffer" }));
  } catch {
    return null;
  }
}
