import type { HostIdStrategy, PolicyDocument } from "./policy.ts";
import { DEFAULT_SETTINGS } from "../generated/settings.ts";
import type { Settings } from "./settings.ts";
import type { Override, Target, Tier } from "./target.ts";

/** Layers in the order they apply; a later one wins (design §6). */
export const LAYERS = ["default", "baseline", "signed", "local", "environment", "flag"] as const;
export type LayerName = (typeof LAYERS)[number];

/**
 * A parsed document and the layer it belongs to. `given` is the document before defaults were filled in. The schema has
 * accepted it: nothing is validated a second time here, so that an agent without a policy file needs no schema.
 */
export interface PolicyLayer {
  readonly name: LayerName;
  readonly document: PolicyDocument;
  readonly given: unknown;
}

/** A value and the layer that set it. */
export interface Sourced<T> {
  readonly value: T;
  readonly origin: LayerName;
}

export interface EffectiveTarget extends Target {
  /** The layer that defined the target. */
  readonly origin: LayerName;
  readonly tierOrigin: LayerName;
  readonly disabledOrigin: LayerName;
}

/** The one immutable value the agent runs on; applied by replacing it whole. */
export interface EffectivePolicy {
  readonly hostIdStrategy: Sourced<HostIdStrategy>;
  /** In match order: baseline, then signed, then local. */
  readonly targets: readonly EffectiveTarget[];
  readonly settings: Settings;
  /** Dotted setting name → the layer that set it; names not listed have their default. */
  readonly settingOrigins: ReadonlyMap<string, LayerName>;
  readonly workspaces: readonly Sourced<string>[];
  readonly rubricWeights: ReadonlyMap<string, Sourced<number>>;
  readonly knownHosts: readonly Sourced<string>[];
  readonly accepted: readonly Sourced<PolicyDocument["accepted"][number]>[];
}

/** Why a layer cannot stand on the layers below it; `path` leads to the place in that layer's document. */
export interface MergeProblem {
  readonly kind: "duplicate_id" | "unknown_override" | "locked";
  readonly layer: LayerName;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface MergeResult {
  readonly policy: EffectivePolicy;
  readonly problems: readonly MergeProblem[];
}

/**
 * Lays the layers over one another. Override ids are checked against the targets of all platforms.
 * While a signed layer is present, what this host's operator sets (file, environment, flags) may add targets and raise
 * tiers, but not disable or lower a target nor override a value the signed layer sets (design §6).
 */
export function mergeLayers(layers: readonly PolicyLayer[]): MergeResult {
  const problems: MergeProblem[] = [];
  const targets = new Map<string, EffectiveTarget>();
  const signed = layers.some((layer) => layer.name === "signed");
  for (const layer of layers) {
    addTargets(targets, layer, problems);
    layer.document.overrides.forEach((override, index) => {
      const problem = applyOverride(targets, override, layer.name, signed);
      if (problem)
        problems.push({ ...problem, layer: layer.name, path: ["overrides", index, "id"] });
    });
  }
  const { settings, origins } = mergeSettings(layers, problems);
  return {
    policy: {
      hostIdStrategy: strategyOf(layers, problems),
      targets: [...targets.values()],
      settings,
      settingOrigins: origins,
      workspaces: collect(layers, (document) => document.workspaces),
      rubricWeights: weightsOf(layers, problems),
      knownHosts: collect(layers, (document) => document.known_hosts),
      accepted: collect(layers, (document) => document.accepted),
    },
    problems,
  };
}

function addTargets(
  targets: Map<string, EffectiveTarget>,
  layer: PolicyLayer,
  problems: MergeProblem[],
): void {
  layer.document.targets.forEach((target, index) => {
    const other = targets.get(target.id);
    if (other) {
      const where =
        other.origin === layer.name ? "twice in this policy" : `by the ${other.origin} policy`;
      const message = `target id "${target.id}" is already defined ${where}`;
      problems.push({
        kind: "duplicate_id",
        layer: layer.name,
        path: ["targets", index, "id"],
        message,
      });
      return;
    }
    const origin = layer.name;
    targets.set(target.id, { ...target, origin, tierOrigin: origin, disabledOrigin: origin });
  });
}

type OverrideProblem = Pick<MergeProblem, "kind" | "message">;

function applyOverride(
  targets: Map<string, EffectiveTarget>,
  override: Override,
  layer: LayerName,
  signed: boolean,
): OverrideProblem | null {
  const target = targets.get(override.id);
  if (!target) {
    return { kind: "unknown_override", message: `no target has the id "${override.id}"` };
  }
  const weakens = override.disabled === true || lowers(target.tier, override.tier);
  if (signed && isHere(layer) && weakens) {
    const message = `"${override.id}" cannot be lowered or disabled locally while a signed policy is in force`;
    return { kind: "locked", message };
  }
  targets.set(override.id, {
    ...target,
    ...(override.tier === undefined ? {} : { tier: override.tier, tierOrigin: layer }),
    ...(override.disabled === undefined
      ? {}
      : { disabled: override.disabled, disabledOrigin: layer }),
  });
  return null;
}

/** True for what this host's operator sets: the policy file, the environment, flags. It never undoes signed policy. */
function isHere(layer: LayerName): boolean {
  return layer === "local" || layer === "environment" || layer === "flag";
}

function locked(layer: LayerName, path: MergeProblem["path"], name: string): MergeProblem {
  return { kind: "locked", layer, path, message: `${name} is set by the signed policy` };
}

function lowers(from: Tier, to: Tier | undefined): boolean {
  return from === "critical" && to === "standard";
}

function mergeSettings(layers: readonly PolicyLayer[], problems: MergeProblem[]) {
  const origins = new Map<string, LayerName>();
  const merged = new Map<string, Map<string, unknown>>();
  for (const layer of layers) {
    for (const [group, values] of groupsOf(layer.given)) {
      for (const [key, value] of Object.entries(values)) {
        const name = `${group}.${key}`;
        if (isHere(layer.name) && origins.get(name) === "signed") {
          problems.push(locked(layer.name, ["settings", group, key], name));
          continue;
        }
        const known = merged.get(group) ?? new Map<string, unknown>();
        merged.set(group, known.set(key, value));
        origins.set(name, layer.name);
      }
    }
  }
  return { settings: overDefaults(merged), origins };
}

/** Only what the defaults know is taken: a key such as `__proto__` reaches no object. */
function overDefaults(merged: ReadonlyMap<string, ReadonlyMap<string, unknown>>): Settings {
  const groups = Object.entries(DEFAULT_SETTINGS).map(([group, defaults]) => {
    const given = merged.get(group);
    const values = Object.entries(defaults).map(([key, value]) => [
      key,
      given?.has(key) ? given.get(key) : value,
    ]);
    return [group, Object.fromEntries(values) as unknown];
  });
  return Object.fromEntries(groups) as Settings;
}

function groupsOf(given: unknown): [string, Record<string, unknown>][] {
  if (!isRecord(given) || !isRecord(given["settings"])) return [];
  return Object.entries(given["settings"]).filter(
    (entry): entry is [string, Record<string, unknown>] => isRecord(entry[1]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function strategyOf(
  layers: readonly PolicyLayer[],
  problems: MergeProblem[],
): Sourced<HostIdStrategy> {
  let chosen: Sourced<HostIdStrategy> = { value: "machine_id", origin: "default" };
  for (const layer of layers) {
    const value = layer.document.host_id_strategy;
    if (value === undefined) continue;
    if (isHere(layer.name) && chosen.origin === "signed")
      problems.push(locked(layer.name, ["host_id_strategy"], "host_id_strategy"));
    else chosen = { value, origin: layer.name };
  }
  return chosen;
}

function collect<T>(
  layers: readonly PolicyLayer[],
  pick: (document: PolicyDocument) => readonly T[],
): Sourced<T>[] {
  return layers.flatMap((layer) =>
    pick(layer.document).map((value) => ({ value, origin: layer.name })),
  );
}

function weightsOf(
  layers: readonly PolicyLayer[],
  problems: MergeProblem[],
): Map<string, Sourced<number>> {
  const weights = new Map<string, Sourced<number>>();
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer.document.rubric.weights)) {
      if (isHere(layer.name) && weights.get(key)?.origin === "signed")
        problems.push(locked(layer.name, ["rubric", "weights", key], `the weight ${key}`));
      else weights.set(key, { value, origin: layer.name });
    }
  }
  return weights;
}
