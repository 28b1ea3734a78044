import {
  type EffectiveTarget,
  type ExpandContext,
  expandTargets,
  mergeLayers,
  type PolicyLayer,
  policySchema,
  type Target,
} from "../../src/index.ts";

export const LINUX: ExpandContext = {
  platform: "linux",
  homes: [{ user: null, path: "/home/alice" }],
  env: {},
  projects: [],
};
export const MACOS: ExpandContext = {
  platform: "macos",
  homes: [{ user: null, path: "/Users/alice" }],
  env: {},
  projects: [],
};
export const WINDOWS: ExpandContext = {
  platform: "windows",
  homes: [{ user: null, path: "C:\\Users\\alice" }],
  env: { APPDATA: "C:\\Users\\alice\\AppData\\Roaming", ProgramData: "C:\\ProgramData" },
  projects: [],
};

/** A target as the schema and the merge leave it; fields in YAML spelling. */
export function target(given: Partial<Target> & Pick<Target, "paths">): EffectiveTarget {
  const policy = mergeLayers([
    layer("baseline", { targets: [{ id: "t", tier: "standard", ...given }] }),
  ]);
  const [made] = policy.policy.targets;
  if (made === undefined) throw new Error("no target was made");
  return made;
}

export function layer(name: PolicyLayer["name"], given: Record<string, unknown>): PolicyLayer {
  return { name, given, document: policySchema.parse({ version: 1, ...given }) };
}

export function expand(given: Parameters<typeof target>[0], context: ExpandContext = LINUX) {
  return expandTargets([target(given)], context);
}
