import { createHash } from "node:crypto";
import {
  mergeLayers,
  type EffectivePolicy,
  type MergeProblem,
  type PolicyLayer,
} from "@sigil/core/plain";
import { BASELINE, BASELINE_REVISION } from "@sigil/baseline";
import { RUBRIC } from "@sigil/baseline/rubric";
import { weightKeys } from "@sigil/risk/rubric";
import { fail, type AgentErrorCode } from "../errors.ts";
import { loadPolicyFile, type LoadedPolicy, type Locate } from "./load.ts";
import { POLICY_PART, type SignedLayer } from "./signed/layer.ts";

export interface PolicyInForce {
  readonly policy: EffectivePolicy;
  /** Names what is in force: the baseline's revision, the signed policy's version and digest, the local file's digest. */
  readonly version: string;
  readonly layers: readonly string[];
  /** The local policy file, or null when there is none. */
  readonly file: string | null;
}

const CODES: Readonly<Record<MergeProblem["kind"], AgentErrorCode>> = {
  duplicate_id: "SIGIL_POLICY_DUPLICATE_ID",
  unknown_override: "SIGIL_POLICY_UNKNOWN_OVERRIDE",
  locked: "SIGIL_POLICY_LOCKED",
};

/**
 * Reads the local policy file.
 * @param required true when the user named the file: then it must exist
 * @throws SIGIL_POLICY_*
 */
export function loadLocal(file: string, required: boolean): LoadedPolicy | null {
  const local = loadPolicyFile(file);
  if (!local && required) throw fail("SIGIL_POLICY_UNREADABLE", `there is no policy file ${file}`);
  return local;
}

/**
 * Checks that documents stand on the built-in policy and on one another. What is wrong with the signed policy is told
 * first: alone, it says whether the signed one can stand; with a local one, the local one is at fault.
 * @throws SIGIL_POLICY_*
 */
export function combine(
  local: LoadedPolicy | null,
  file: string | null,
  signed: SignedLayer | null = null,
): PolicyInForce {
  const layers: PolicyLayer[] = [{ name: "baseline", document: BASELINE, given: {} }];
  if (signed) layers.push(layerFrom("signed", signed.policy));
  if (local) layers.push(layerFrom("local", local));
  const { policy, problems } = mergeLayers(layers);
  const problem = problems.find(({ layer }) => layer === "signed") ?? problems[0];
  if (problem) {
    const from = problem.layer === "signed" ? signed?.policy : local;
    const place = from?.locate(problem.path) ?? "built-in policy";
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    throw fail(CODES[problem.kind], `${place}: ${problem.message}${more}`);
  }
  if (signed) checkSigned(signed);
  if (local) checkRubric(local, file ?? "policy");
  return {
    policy,
    version: versionOf(local, signed),
    layers: layers.map((layer) => layer.name),
    file,
  };
}

function layerFrom(
  name: "signed" | "local",
  { document, given }: Pick<LoadedPolicy, "document" | "given">,
): PolicyLayer {
  return { name, document, given };
}

/** The parts come from two documents, each with its own places. */
function checkSigned({ policy, rubric }: SignedLayer): void {
  if (rubric) checkWeights(rubric.weights, ["weights"], rubric.locate);
  const own = { ...policy, document: { ...policy.document, rubric: { weights: {} } } };
  const taken = new Set(rubric?.weights);
  const weights = Object.keys(policy.document.rubric.weights).filter((key) => !taken.has(key));
  checkWeights(weights, ["rubric", "weights"], policy.locate);
  checkRubric(own, POLICY_PART);
}

/** Names of weights and kinds belong to the rubric, which the policy's schema does not know. */
function checkRubric({ document, locate }: LoadedPolicy, file: string): void {
  checkWeights(Object.keys(document.rubric.weights), ["rubric", "weights"], locate);
  for (const [index, { kinds }] of document.accepted.entries())
    for (const [at, kind] of kinds.entries())
      if (!RUBRIC.kinds.some((row) => row.kind === kind)) {
        const place = locate(["accepted", index, "kinds", at]) ?? file;
        throw fail("SIGIL_POLICY_INVALID", `${place}: the rubric has no kind "${kind}"`);
      }
}

function checkWeights(given: readonly string[], path: readonly string[], locate: Locate): void {
  const keys = weightKeys(RUBRIC);
  for (const key of given) {
    if (keys.includes(key)) continue;
    const near = keys.filter((one) => one.split(".")[0] === key.split(".")[0]);
    const hint = near.length > 0 ? `use ${near.join(" or ")}` : "see docs/reference/rubric.md";
    const message = `${locate([...path, key])}: the rubric has no weight "${key}"`;
    throw fail("SIGIL_POLICY_UNKNOWN_KEY", message, { hint });
  }
}

function versionOf(local: LoadedPolicy | null, signed: SignedLayer | null): string {
  const parts = [`baseline:${BASELINE_REVISION}`];
  if (signed) parts.push(`signed:${signed.opened.version}:${shortDigest(signed.opened.digest)}`);
  if (local) {
    const digest = createHash("sha256").update(local.text).digest("hex");
    parts.push(`local:${shortDigest(digest)}`);
  }
  return parts.join("+");
}

function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 12);
}
