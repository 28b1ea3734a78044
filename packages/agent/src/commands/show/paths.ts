import { EXIT, print, printJson, printable, alignColumns, countText } from "@sigil/cli";
import type { Root, SkippedPath } from "@sigil/core/plain";
import { pathText } from "../../render/home.ts";
import type { CommandContext } from "../context.ts";
import { policyOf } from "../layers.ts";
import { inspectPlaces, planHere, type Place } from "../../doctor/places.ts";

export interface PathFlags {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Entries looked at to count matches: beyond it a count says "at least". */
const LIMITS = { perRoot: 2000, total: 50_000 };

/** `sigil show paths`. @throws SIGIL_POLICY_* */
export async function showPaths(context: CommandContext, flags: PathFlags): Promise<number> {
  const { config } = context;
  const { policy } = await policyOf(context);
  const plan = await planHere(config, policy);
  const places = inspectPlaces(plan, policy, LIMITS);
  const disabled = policy.targets.filter((target) => target.disabled).map((target) => target.id);
  if (flags.json) printJson({ ...jsonOf(places, plan.skipped), disabled, projects: plan.projects });
  else {
    const shown = flags.all ? places : places.filter((place) => place.state !== "absent");
    printPlaces(shown, config.home);
    if (flags.all) printRest(plan.skipped, disabled);
    printSummary(places, plan.skipped, disabled, flags.all === true);
  }
  return EXIT.ok;
}

function jsonOf(places: readonly Place[], skipped: readonly SkippedPath[]) {
  return {
    roots: places.map(({ root, ...place }) => ({
      target_id: root.targetId,
      tier: root.tier,
      path: pathOf(root),
      base: root.base,
      pattern: root.pattern,
      recursive: root.recursive,
      follow_symlinks: root.followSymlinks,
      user: root.user,
      project: root.project,
      state: place.state,
      matches: place.matches,
      matches_complete: place.complete,
      watched: place.watched,
      unreadable: place.unreadable.map(({ path, errno }) => ({ path, error: errno })),
    })),
    skipped: skipped.map(({ targetId, pattern, why, detail }) => ({
      target_id: targetId,
      pattern,
      reason: why,
      detail,
    })),
  };
}

/** Base and pattern as one path, for people. */
function pathOf(root: Root): string {
  if (root.pattern === null) return root.base;
  return root.base.endsWith("/") ? root.base + root.pattern : `${root.base}/${root.pattern}`;
}

function printPlaces(places: readonly Place[], home: string): void {
  const rows = places.map(({ root, ...place }) => [
    place.state,
    root.tier,
    place.watched,
    countOf(place),
    root.targetId,
    pathText(pathOf(root), home),
  ]);
  const head = ["STATE", "TIER", "WATCHED", "FILES", "TARGET", "PATH"];
  for (const line of alignColumns([head, ...rows])) print(line);
}

function countOf({ state, matches, complete }: Omit<Place, "root">): string {
  return state === "absent" ? "-" : `${matches}${complete ? "" : "+"}`;
}

const WHY: Readonly<Record<SkippedPath["why"], string>> = {
  unset_variable: "a variable is not set",
  not_absolute: "not an absolute path",
  variable_after_wildcard: "a variable after a wildcard",
  parent_reference: "`..` in the path",
  unsupported_glob: "a pattern that is not supported",
};

function printRest(skipped: readonly SkippedPath[], disabled: readonly string[]): void {
  const rows = [
    ...skipped.map((one) => [
      "skipped",
      one.targetId,
      printable(one.pattern),
      `${WHY[one.why]}: ${printable(one.detail)}`,
    ]),
    ...disabled.map((id) => ["disabled", id, "", ""]),
  ];
  if (rows.length > 0) print("");
  for (const line of alignColumns(rows)) print(line);
}

function printSummary(
  places: readonly Place[],
  skipped: readonly SkippedPath[],
  disabled: readonly string[],
  all: boolean,
): void {
  const count = (state: Place["state"]) => places.filter((place) => place.state === state).length;
  const parts = [
    `${count("present")} present`,
    `${count("absent")} absent (watched for)`,
    ...(count("unknown") > 0 ? [`${count("unknown")} not looked through`] : []),
    ...(count("unreadable") > 0 ? [`${count("unreadable")} unreadable`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
    ...(disabled.length > 0 ? [`${countText(disabled.length, "target")} disabled`] : []),
  ];
  print("");
  print(`${parts.join(", ")}${all ? "" : "; --all shows everything"}`);
}
