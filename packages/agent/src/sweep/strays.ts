import type { PathKey } from "@sigil/core/plain";
import { parentKey } from "../fs/keys.ts";
import { isGone } from "../pipeline/resolve.ts";
import { behind, FIRST_PLACE, type Place } from "./known.ts";
import type { SweepContext, SweepStep } from "./sweep.ts";

/** Stored paths read in one turn. */
const PAGE = 512;

const LOOKED: SweepStep = { kind: "stored" };

/**
 * Stored paths outside of all roots that are gone. A project is only known while it is there: when it vanishes, its
 * roots go with it, and nothing else would ever look at what was stored of it. What lies at or below the base of a root
 * is looked at with that root, and skipped whole.
 */
export function* findStrays({
  roots,
  matcher,
  known,
}: Pick<SweepContext, "roots" | "matcher" | "known">): Generator<SweepStep> {
  const bases = new Set(roots.map(({ base }) => base));
  let from: Place = FIRST_PLACE;
  for (let page = known.presentAfter(from, PAGE); page.length > 0;) {
    for (const { path, parent, place } of page) {
      const base = baseAround(parent, bases);
      from = base === null ? place : behind(parent, base);
      if (base !== null) break;
      if (matcher.match(path) === null && isGone(path))
        yield { kind: "finding", finding: { kind: "stray", path } };
      else yield LOOKED;
    }
    page = known.presentAfter(from, PAGE);
  }
}

/** The base that a directory is or lies below, the topmost: what is skipped with it is the most. */
function baseAround(directory: PathKey, bases: ReadonlySet<PathKey>): PathKey | null {
  let found: PathKey | null = null;
  for (let at: PathKey | null = directory; at !== null; at = parentKey(at))
    if (bases.has(at)) found = at;
  return found;
}
