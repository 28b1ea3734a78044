/**
 * Seals policies and trust roots, and puts together what hosts install and servers serve.
 *
 * It will not: read or write a file, ask a clock, or interpret the policy it seals.
 */
export { addSignature, envelopeText, sealPolicy, type PolicyContents } from "./seal.ts";
export { makeRoot, sealRoot, type RoleKeys, type RootContents, type Validity } from "./rooting.ts";
export { deliveryText, readSealed, trustText, type SealedFile } from "./bundle.ts";
export type { PublicKey, SecretKey } from "./keypair.ts";
