import * as fc from "fast-check";
import { DIRS, FILES, LINKS, MOVABLE, NAMES, type Rel } from "./place.ts";
import { POLICIES } from "./policies.ts";

/** One thing done to the tree. What it needs and does not find makes it do nothing. */
export type Step =
  | { readonly op: "write" | "replace" | "append"; readonly path: Rel; readonly size: number }
  | {
      readonly op: "truncate" | "sneak" | "unlink" | "fifo" | "touch" | "carry" | "socket";
      readonly path: Rel;
    }
  | { readonly op: "rename" | "hardlink"; readonly path: Rel; readonly to: Rel }
  | { readonly op: "symlink"; readonly path: Rel; readonly says: Rel }
  | { readonly op: "chmod"; readonly path: Rel; readonly mode: number }
  | { readonly op: "rmrf" | "mkdirp" | "populate" | "burst" | "stow"; readonly dir: Rel }
  | { readonly op: "move" | "swap" | "exchange"; readonly dir: Rel; readonly to: Rel }
  | { readonly op: "close" | "open"; readonly dir: Rel }
  | { readonly op: "pause"; readonly ms: number };

/** What happens to the agent in the middle of a round. */
export type Action =
  | { readonly act: "nothing" | "term" | "kill" | "stand_still" | "second" | "bad_policy" }
  | { readonly act: "wipe_state" | "torn_tail" }
  | { readonly act: "kill_early"; readonly ms: number }
  | { readonly act: "policies"; readonly first: number; readonly to: number }
  | { readonly act: "policy"; readonly to: number };

export interface Round {
  readonly before: readonly Step[];
  readonly action: Action;
  readonly during: readonly Step[];
  readonly after: readonly Step[];
}

export interface Schedule {
  readonly nobody: boolean;
  readonly policy: number;
  readonly first: readonly Step[];
  readonly rounds: readonly Round[];
}

/** Plain objects: a counterexample is easier to read. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true });
const one = (names: readonly Rel[]) => fc.constantFrom(...names);
const path = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(one(DIRS), one(NAMES)).map(([dir, name]) => `${dir}/${name}`),
  },
  { weight: 1, arbitrary: one(FILES) },
);
/** Small, empty, over the inline bound, over the largest that is hashed. */
const size = fc.constantFrom(0, 1, 9, 300, 700, 3000, 5000, 9000);
const mode = fc.constantFrom(0o644, 0o600, 0o755, 0o000, 0o444);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: record({ op: fc.constantFrom("write", "replace", "append"), path, size }),
  },
  {
    weight: 8,
    arbitrary: record({
      op: fc.constantFrom(
        "truncate",
        "sneak",
        "unlink",
        "unlink",
        "fifo",
        "touch",
        "carry",
        "socket",
      ),
      path,
    }),
  },
  {
    weight: 6,
    arbitrary: record({ op: fc.constantFrom("rename", "rename", "hardlink"), path, to: path }),
  },
  { weight: 4, arbitrary: record({ op: fc.constant("symlink"), path, says: one(LINKS) }) },
  { weight: 2, arbitrary: record({ op: fc.constant("chmod"), path, mode }) },
  {
    weight: 5,
    arbitrary: record({
      op: fc.constantFrom("rmrf", "mkdirp", "populate", "populate", "burst", "stow"),
      dir: one(MOVABLE),
    }),
  },
  {
    weight: 5,
    arbitrary: record({
      op: fc.constantFrom("move", "move", "swap", "exchange"),
      dir: one(MOVABLE),
      to: one(MOVABLE),
    }),
  },
  { weight: 1, arbitrary: record({ op: fc.constantFrom("close", "open"), dir: one(DIRS) }) },
  {
    weight: 4,
    arbitrary: record({ op: fc.constant("pause"), ms: fc.constantFrom(1, 10, 45, 120, 600) }),
  },
) as fc.Arbitrary<Step>;

const policyIndex = fc.nat({ max: POLICIES.length - 1 });

const actions: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: record({ act: fc.constant("nothing") }) },
  {
    weight: 6,
    arbitrary: record({ act: fc.constantFrom("term", "kill", "kill", "stand_still") }),
  },
  {
    weight: 2,
    arbitrary: record({
      act: fc.constantFrom("second", "bad_policy", "wipe_state", "torn_tail"),
    }),
  },
  {
    weight: 3,
    arbitrary: record({ act: fc.constant("policy"), to: policyIndex }),
  },
  {
    weight: 1,
    arbitrary: record({ act: fc.constant("policies"), first: policyIndex, to: policyIndex }),
  },
  {
    weight: 3,
    arbitrary: record({ act: fc.constant("kill_early"), ms: fc.integer({ min: 100, max: 1500 }) }),
  },
) as fc.Arbitrary<Action>;

const some = (max: number) =>
  fc.array(step, { minLength: Math.floor(max / 3), maxLength: max, size: "max" });

/** @param rounds how many rounds at most */
export function schedules(rounds: number): fc.Arbitrary<Schedule> {
  return record({
    nobody: fc.boolean(),
    policy: policyIndex,
    first: some(20),
    rounds: fc.array(
      record({ before: some(14), action: actions, during: some(10), after: some(8) }),
      {
        minLength: rounds,
        maxLength: rounds,
      },
    ),
  });
}

/** A schedule as it is read: a line a round. */
export function written({ nobody, policy, first, rounds }: Schedule): string {
  const line = (steps: readonly Step[]) =>
    steps.map(({ op, ...rest }) => `${op} ${Object.values(rest).join(" ")}`).join("; ");
  return [
    `policy ${policy}${nobody ? ", as nobody" : ""}; first ${line(first)}`,
    ...rounds.map(
      ({ before, action, during, after }, index) =>
        `${index}: ${line(before)} || ${Object.values(action).join(" ")}: ${line(during)} || ${line(after)}`,
    ),
  ].join("\n");
}
