import { join } from "node:path";
import { RUBRIC } from "@sigil/baseline";
import { createAssessor, loadGrammar, type Assessment, type Grammar } from "@sigil/risk";
import { loadHasher } from "@sigil/ports/hash";
import { grammarBytes } from "../../packages/agent/src/risk/assets.ts";
import { createWorld } from "../../packages/agent/src/risk/world.ts";
import type { FileCase, HookCase } from "./load.ts";
import { placeFiles, placeHook, type Placed } from "./place.ts";

const hasher = loadHasher();
let grammar: Promise<Grammar> | null = null;

/** Assesses a placed case as `sigil scan --home home --project project` would. */
async function assess(placed: Placed): Promise<readonly Assessment[]> {
  grammar ??= loadGrammar(grammarBytes());
  const tracked = new Map<string, boolean | null>();
  const world = createWorld({
    platform: "linux",
    env: { HOME: placed.home, PATH: "/usr/bin:/bin" },
    homeOwner: process.getuid?.() ?? null,
    linkOwners: null,
    hasher,
    tracked,
    onUntold: (path) => tracked.set(path, placed.tracked.has(path)),
  });
  const assessor = createAssessor({
    world,
    grammar: await grammar,
    rubric: RUBRIC,
    knownHosts: [],
  });
  const { home, project, root } = placed;
  const env = { HOME: home, PATH: "/usr/bin:/bin" };
  const subject = { home, projects: [project], env, systemRoot: root };
  const result = assessor.scan(subject);
  // What was asked of git in the first round is known in the second.
  return tracked.size > 0
    ? assessor.scan(subject, { only: [...tracked.keys()] }).assessments
    : result.assessments;
}

/** What was found wrong with one case: empty when it came out as labelled. */
export interface Outcome {
  readonly id: string;
  readonly label: "attack" | "benign" | "guard";
  /** Planted risks, and how many of them gave any reason in the file, and one of the right kind. */
  readonly planted: number;
  readonly found: number;
  readonly exact: number;
  /** Content reasons where none may be. */
  readonly false: readonly string[];
  /** Other differences: a guard not recognized, a notice or control that is missing. */
  readonly other: readonly string[];
  readonly missed: readonly string[];
}

export async function judgeHook(given: HookCase): Promise<Outcome> {
  const placed = placeHook(given);
  try {
    const assessments = await assess(placed);
    const own = assessments.filter(
      ({ path }) => path === join(placed.project, ".claude/settings.json"),
    );
    const { label } = given;
    if (label === "attack")
      return { ...planted(given.id, label, own, given.kinds), false: [], other: [] };
    const isGuard = own.some(({ controls }) => controls.some(({ id }) => id.includes("guard")));
    const other = label === "guard" && !isGuard ? ["not recognized as a guard"] : [];
    return { ...planted(given.id, label, own, []), false: contentOf(own), other };
  } finally {
    placed.remove();
  }
}

export async function judgeFile(given: FileCase): Promise<Outcome> {
  const placed = placeFiles(given);
  try {
    const assessments = await assess(placed);
    const sums = given.expect.map((expected) => {
      const path = join(placed.base, expected.file);
      const own = assessments.filter((one) => one.path === path && one.tool === expected.tool);
      return {
        ...planted(given.id, given.label, own, expected.kinds, expected.file),
        other: differences(own, expected),
      };
    });
    const sum = (pick: (one: (typeof sums)[number]) => number) =>
      sums.reduce((all, one) => all + pick(one), 0);
    return {
      id: given.id,
      label: given.label,
      planted: sum((one) => one.planted),
      found: sum((one) => one.found),
      exact: sum((one) => one.exact),
      missed: sums.flatMap((one) => one.missed),
      false: given.label === "benign" ? contentOf(assessments) : [],
      other: sums.flatMap((one) => one.other),
    };
  } finally {
    placed.remove();
  }
}

function planted(
  id: string,
  label: Outcome["label"],
  own: readonly Assessment[],
  kinds: readonly string[],
  file = "",
): Pick<Outcome, "id" | "label" | "planted" | "found" | "exact" | "missed"> {
  const reasons = own.flatMap((one) => one.reasons);
  const exact = kinds.filter((kind) => reasons.some((reason) => reason.kind === kind));
  // Found at all: something of weight was said about the file it is planted in.
  const found = kinds.filter(
    (kind) => exact.includes(kind) || reasons.some(({ weight }) => weight >= 1),
  );
  const said = [...new Set(reasons.map(({ kind }) => kind))].join(", ") || "nothing";
  const missed = kinds
    .filter((kind) => !exact.includes(kind))
    .map((kind) => `${file} ${kind} (said: ${said})`);
  return { id, label, planted: kinds.length, found: found.length, exact: exact.length, missed };
}

/** Content reasons; that a helper runs a command is no finding about the command. */
function contentOf(assessments: readonly Assessment[]): string[] {
  return assessments
    .flatMap((one) => one.reasons)
    .filter(({ factor, kind }) => factor === "content" && kind !== "helper_command")
    .map(({ kind, payload }) => `${kind} ${JSON.stringify(payload)}`);
}

function differences(own: readonly Assessment[], expected: FileCase["expect"][number]): string[] {
  const kinds = new Set<string>(own.flatMap((one) => one.reasons.map(({ kind }) => kind)));
  const notices = own.flatMap((one) => one.notices.map(({ id }) => id));
  const controls = own.flatMap((one) => one.controls.map(({ id }) => id));
  return [
    ...expected.not
      .filter((kind) => kinds.has(kind))
      .map((kind) => `${expected.file}: ${kind} must not be there`),
    ...expected.notices
      .filter((id) => !notices.includes(id))
      .map((id) => `${expected.file}: no notice ${id} (has ${[...new Set(notices)].join(", ")})`),
    ...expected.controls
      .filter((id) => !controls.some((one) => one.includes(id)))
      .map((id) => `${expected.file}: no control ${id} (has ${[...new Set(controls)].join(", ")})`),
  ];
}
