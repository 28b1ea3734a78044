import type { Check as AnyCheck } from "@sigil/cli/doctor";
import type { Facts } from "./facts.ts";

/** A check of this program's doctor. */
export type Check = AnyCheck<Facts>;
export { error, info, ok, warning, type Finding } from "@sigil/cli/doctor";
