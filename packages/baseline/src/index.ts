/**
 * The built-in policies and the risk rubric, embedded at build time from `policies/` by `pnpm gen`.
 * This package holds data. It reads no file, parses no YAML and validates nothing at run time: the generator has.
 */
import { DEFAULT_SETTINGS, type PolicyDocument, type PolicyLayer } from "@sigil/core/plain";
import { fillTarget } from "./fill.ts";
import { BASELINE_TARGETS } from "./generated/policies.ts";

export { BASELINE_REVISION } from "./generated/policies.ts";
export { RUBRIC } from "./generated/rubric.ts";

/** All platforms' targets in match order, with the default settings. */
export const BASELINE: PolicyDocument = {
  version: 1,
  overrides: [],
  targets: BASELINE_TARGETS.map(fillTarget),
  workspaces: [],
  settings: DEFAULT_SETTINGS,
  rubric: { weights: {} },
  known_hosts: [],
  accepted: [],
};

/** The lowest layer of every effective policy. It sets targets and no setting. */
export const BASELINE_LAYER: PolicyLayer = { name: "baseline", document: BASELINE, given: {} };
