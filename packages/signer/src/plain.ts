/** The parts of verifying that need no schema library: what an agent loads that has nothing signed. */
export { VERIFY_LIMITS, type VerifyLimits } from "./limits.ts";
export { SIGNER_ERRORS, type SignerErrorCode } from "./errors.ts";
