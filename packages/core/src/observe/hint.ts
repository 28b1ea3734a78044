import type { PathKey } from "../path.ts";
import type { Tier } from "../policy/target.ts";

/** Who noticed a path. A hint never says what happened to it: the diff against stored state does. */
export type HintSource = "watch" | "sweep";

/** A raw notice that something may have happened to a path. */
export interface Hint {
  readonly path: PathKey;
  readonly tier: Tier;
  readonly source: HintSource;
}

/** A path that has been quiet long enough to be read, with what is known of its hints. */
export interface SettledPath {
  readonly path: PathKey;
  readonly tier: Tier;
  /** True when no watcher noticed it: its evidence is `delayed`. */
  readonly found: boolean;
  /** Hints folded into this one reading. */
  readonly hints: number;
  /** Separate bursts among them: two or more mean that a state between may have gone unseen. */
  readonly bursts: number;
  /** Monotonic milliseconds of the first hint. */
  readonly since: number;
}
