import { lstatSync, readlinkSync } from "node:fs";
import { dirname, isAbsolute, join, parse, sep } from "node:path";
import type { PathKey } from "@sigil/core/plain";

/** Links followed before a path counts as a loop; the kernel's own limit is 40. */
const MAX_LINKS = 32;
/** Levels that are looked for above a path that is not there. */
const MAX_LEVELS = 64;

/**
 * Every link that is passed on the way to where a path leads, where each of them lies, and at last the place itself.
 * Whoever swaps one of them changes what the path means. Text paths only; never throws.
 */
export function linksOn(path: PathKey): PathKey[] {
  const found: PathKey[] = [];
  let at = parse(path).root;
  let rest = path.slice(at.length).split(sep).filter(Boolean);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    // `at` has no link left in it, so that `..` after a linked directory goes up from where that link leads.
    const next = join(at, name);
    const target = readLink(next);
    if (target === null) {
      at = next;
      continue;
    }
    found.push(next);
    if (found.length >= MAX_LINKS) return found;
    const base = isAbsolute(target) ? parse(target).root : "";
    if (base !== "") at = base;
    rest = [...target.slice(base.length).split(sep).filter(Boolean), ...rest];
  }
  return found.length === 0 ? found : [...found, at];
}

/** Directories on the way to a path that are not there, nearest to the filesystem root first. Never throws. */
export function missingAbove(path: PathKey): PathKey[] {
  const missing: PathKey[] = [];
  for (let at = dirname(path); missing.length < MAX_LEVELS && !exists(at); at = dirname(at))
    missing.unshift(at);
  return missing;
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function readLink(path: string): string | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null;
  }
}
