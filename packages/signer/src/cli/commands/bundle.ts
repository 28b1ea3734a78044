import { EXIT, usageError } from "@sigil/cli";
import { deliveryText } from "../../sign.ts";
import { emit } from "../files.ts";
import { loadPolicy, loadRoot } from "../sealed.ts";

export interface BundleFlags {
  readonly root?: readonly string[];
  readonly policy?: string;
  readonly out?: string;
}

/** `sigil-sign bundle`. */
export function bundle({ root = [], policy, out }: BundleFlags): number {
  if (root.length === 0 && policy === undefined)
    throw usageError("there is nothing to bundle", { hint: "give --root, --policy or both" });
  const sealed = policy === undefined ? null : loadPolicy(policy);
  emit(deliveryText(root.map(loadRoot), sealed), out);
  return EXIT.ok;
}
