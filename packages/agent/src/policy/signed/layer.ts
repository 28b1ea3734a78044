import { policySchema } from "@sigil/core";
import { messageOf } from "@sigil/core/plain";
import type { OpenedPolicy } from "@sigil/signer/verify";
import { fail } from "../../errors.ts";
import { parsePolicy, parseYaml, type LoadedPolicy, type Locate } from "../load.ts";

/** A signed policy that was opened and understood: what lies between the built-in and the local policy. */
export interface SignedLayer {
  readonly opened: Omit<OpenedPolicy, "parts">;
  /** The policy part, the weights of the rubric part laid over its own. */
  readonly policy: LoadedPolicy;
  /** Weights of the rubric part and their places; null: there is no such part. */
  readonly rubric: { readonly weights: readonly string[]; readonly locate: Locate } | null;
}

/** Stands for a file in errors. */
export const POLICY_PART = "signed policy";
const RUBRIC_PART = "signed rubric";

/**
 * Understands what a signature vouches for.
 * @throws SIGIL_POLICY_SYNTAX, _UNKNOWN_KEY, _INVALID
 */
export function layerOf(opened: OpenedPolicy): SignedLayer {
  const { parts, ...rest } = opened;
  const policy = parsePolicy(textOf(parts.policy, POLICY_PART), POLICY_PART);
  if (!parts.rubric) return { opened: rest, policy, rubric: null };
  const text = textOf(parts.rubric, RUBRIC_PART);
  const { value, locate } = parseYaml(text, RUBRIC_PART, policySchema.shape.rubric);
  const weights = { ...policy.document.rubric.weights, ...value.weights };
  return {
    opened: rest,
    policy: { ...policy, document: { ...policy.document, rubric: { weights } } },
    rubric: { weights: Object.keys(value.weights), locate },
  };
}

function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw fail("SIGIL_POLICY_SYNTAX", `${name}:1:1: not UTF-8: ${messageOf(error)}`);
  }
}
