import type { PathKey } from "@sigil/core/plain";
import { isBelow, parentKey } from "../fs/keys.ts";
import { directoryId, isLink } from "../fs/stat.ts";

/**
 * True for a link that leads back to the base, or to where another link on the way from the base has led. A sweep goes
 * round a loop of links once; a watcher that went on would take more watches and tell more events with every touch of
 * the link.
 */
export function goesRound(path: PathKey, base: PathKey): boolean {
  const led = isLink(path) ? directoryId(path) : null;
  if (led === null) return false;
  for (let way = parentKey(path); way !== null && isBelow(way, base); way = parentKey(way))
    if ((way === base || isLink(way)) && directoryId(way) === led) return true;
  return false;
}

/** True for a path that lies behind a link below the base, or is one. */
export function isLed(path: PathKey, base: PathKey): boolean {
  for (let way: PathKey | null = path; way !== null && way !== base; way = parentKey(way)) {
    if (!isBelow(way, base)) return false;
    if (isLink(way)) return true;
  }
  return false;
}
