import { EXIT, print, printJson, printable, alignColumns } from "@sigil/cli";
import type { LayerName } from "@sigil/core/plain";
import type { PolicyInForce } from "../../policy/effective.ts";
import { loadPolicyFile, type Locate } from "../../policy/load.ts";
import type { ValueOrigin } from "../../config.ts";
import type { CommandContext } from "../context.ts";
import { policyOf } from "../layers.ts";

export interface ConfigFlags {
  readonly origin?: boolean;
  readonly json?: boolean;
}

/** One effective value. `place` is `file:line:column` when the local policy sets it, else null. */
interface Valued {
  readonly name: string;
  readonly value: unknown;
  readonly origin: LayerName | ValueOrigin;
  readonly place: string | null;
}

type PlaceOf = (origin: Valued["origin"], path: readonly PropertyKey[]) => string | null;

/** `sigil show config`: what `sigil run` with the same flags would work with. @throws SIGIL_POLICY_* */
export async function showConfig(context: CommandContext, flags: ConfigFlags): Promise<number> {
  const inForce = await policyOf(context);
  const placeOf = placesIn(inForce.file);
  const general = generalOf(context, inForce, placeOf);
  const settings = settingsOf(inForce, placeOf);
  const targets = targetsOf(inForce, placeOf);
  const lists = listsOf(inForce);
  if (flags.json) {
    const { version, layers, file } = inForce;
    printJson({ policy: { version, layers, file }, general, settings, targets, ...lists });
    return EXIT.ok;
  }
  const withOrigin = flags.origin === true;
  printValues("General", general, withOrigin);
  printValues("Settings", settings, withOrigin);
  for (const [name, values] of Object.entries(lists))
    if (values.length > 0) printValues(TITLES[name as keyof typeof TITLES], values, withOrigin);
  printTargets(targets, withOrigin);
  return EXIT.ok;
}

/** Only the local policy has lines to point at. */
function placesIn(file: string | null): PlaceOf {
  const locate: Locate | null = file === null ? null : (loadPolicyFile(file)?.locate ?? null);
  return (origin, path) => (origin === "local" && locate !== null ? locate(path) : null);
}

function placeless(name: string, value: unknown, origin: Valued["origin"]): Valued {
  return { name, value, origin, place: null };
}

function generalOf(
  { config }: CommandContext,
  { policy }: PolicyInForce,
  placeOf: PlaceOf,
): Valued[] {
  const { paths, origins } = config;
  const strategy = policy.hostIdStrategy;
  return [
    placeless("mode", config.mode, origins.mode),
    placeless("platform", config.platform, "default"),
    placeless("policy", paths.policy, origins.policy),
    placeless("state_db", paths.state, origins.stateDb),
    placeless("events_dir", paths.spool, origins.eventsDir),
    placeless("trust", paths.trust, origins.trust),
    placeless("control", paths.control, "default"),
    {
      name: "host_id_strategy",
      value: strategy.value,
      origin: strategy.origin,
      place: placeOf(strategy.origin, ["host_id_strategy"]),
    },
  ];
}

function settingsOf({ policy }: PolicyInForce, placeOf: PlaceOf): Valued[] {
  return Object.entries(policy.settings).flatMap(([group, values]) =>
    Object.entries(values).map(([key, value]) => {
      const name = `${group}.${key}`;
      const origin = policy.settingOrigins.get(name) ?? "default";
      return { name, value, origin, place: placeOf(origin, ["settings", group, key]) };
    }),
  );
}

function targetsOf({ policy }: PolicyInForce, placeOf: PlaceOf) {
  let local = -1;
  return policy.targets.map((target) => {
    // Local targets come last and in the order of the file.
    if (target.origin === "local") local += 1;
    return {
      id: target.id,
      description: target.description,
      tier: target.tier,
      tier_origin: target.tierOrigin,
      platform: target.platform,
      disabled: target.disabled,
      disabled_origin: target.disabledOrigin,
      origin: target.origin,
      place: placeOf(target.origin, ["targets", local]),
      paths: target.paths,
      exclude: target.exclude,
      recursive: target.recursive,
      follow_symlinks: target.follow_symlinks,
    };
  });
}

const TITLES = {
  workspaces: "Workspaces",
  known_hosts: "Known hosts",
  accepted: "Accepted risks",
  rubric_weights: "Rubric weights",
} as const;

function listsOf({ policy }: PolicyInForce): Record<keyof typeof TITLES, Valued[]> {
  return {
    workspaces: policy.workspaces.map((one, at) => placeless(String(at), one.value, one.origin)),
    known_hosts: policy.knownHosts.map((one, at) => placeless(String(at), one.value, one.origin)),
    accepted: policy.accepted.map((one) => placeless(one.value.path, one.value, one.origin)),
    rubric_weights: [...policy.rubricWeights].map(([name, { value, origin }]) =>
      placeless(name, value, origin),
    ),
  };
}

function printValues(title: string, values: readonly Valued[], withOrigin: boolean): void {
  print(`${title}:`);
  const rows = values.map(({ name, value, origin, place }) => [
    printable(name),
    valueText(value),
    ...(withOrigin ? [place === null ? origin : `${origin} ${printable(place)}`] : []),
  ]);
  for (const line of alignColumns(rows, "  ")) print(line);
  print("");
}

function valueText(value: unknown): string {
  return printable(typeof value === "string" ? value : JSON.stringify(value));
}

type Shown = ReturnType<typeof targetsOf>[number];

function printTargets(targets: readonly Shown[], withOrigin: boolean): void {
  print("Targets:");
  const rows = targets.map((target) => [
    target.id,
    target.disabled ? "disabled" : target.tier,
    target.platform,
    ...(withOrigin ? [originText(target)] : []),
  ]);
  for (const line of alignColumns(rows, "  ")) print(line);
}

/** Where a target is from, and who changed it since. */
function originText(target: Shown): string {
  const parts = [target.place === null ? target.origin : `${target.origin} ${target.place}`];
  if (target.tier_origin !== target.origin) parts.push(`tier by ${target.tier_origin}`);
  if (target.disabled_origin !== target.origin)
    parts.push(`${target.disabled ? "disabled" : "enabled"} by ${target.disabled_origin}`);
  return printable(parts.join(", "));
}
