/**
 * Opens what was signed elsewhere: is it whole, is it from those the host trusts, is it newer than what the host has,
 * is it for this host. Pure: bytes, time and memory are handed in, and what must be remembered is handed back.
 *
 * It will not: read or write a file, ask a clock, sign anything, or say what a policy means.
 */
export { VERIFY_LIMITS, type VerifyLimits } from "./limits.ts";
export { REJECT_REASONS, type RejectReason, type Refusal } from "./reason.ts";
export {
  POLICY_TYPE,
  ROOT_TYPE,
  type Envelope,
  type PolicyEnvelope,
  type Signature,
} from "./envelope.ts";
export type { Delivery } from "./delivery.ts";
export type { Audience } from "./metadata.ts";
export type { RootDocument, RootKey, TrustRoot } from "./root.ts";
export { readTrust, type Trust } from "./trust.ts";
export { parseState, rootOf, startState, type Kept, type TrustState } from "./state.ts";
export type { HostPlatform, OpenedPolicy } from "./opened.ts";
export { openDelivery, reopen, type OpenContext, type Reopened, type Verdict } from "./open.ts";
export { SIGNER_ERRORS, type SignerErrorCode } from "./errors.ts";
