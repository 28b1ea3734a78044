const KIB = 1024;
const MIB = 1024 * KIB;

/** Every bound of opening, with its default; what is over one is refused before it is looked at. */
export const VERIFY_LIMITS = {
  /** Of a whole delivery. Bytes. */
  delivery_max_bytes: 8 * MIB,
  /** Braces, brackets and commas outside of strings: a few bytes each can cost a hundred once parsed. */
  delivery_max_tokens: 16_384,
  /** Of one part. Bytes. */
  part_max_bytes: 4 * MIB,
  /** Of a policy envelope's signed metadata. Bytes. */
  metadata_max_bytes: 64 * KIB,
  /** Of a trust root document. Bytes. */
  root_max_bytes: 64 * KIB,
  /** Of `trust.json`. Bytes. */
  trust_max_bytes: 256 * KIB,
  /** Trust roots in one delivery. */
  roots_max: 64,
  signatures_max: 32,
  /** Keys in one trust root. */
  keys_max: 64,
  /** Signatures computed for one delivery; each takes one attempt, or one for each key when its hint is no help. */
  attempts_max: 4096,
  /** How far two honest clocks may be apart. Milliseconds. */
  clock_skew_ms: 300_000,
} as const;

export type VerifyLimits = { readonly [Name in keyof typeof VERIFY_LIMITS]: number };

/** How often something costly may still be done for what is being opened. */
export interface Budget {
  /** False: no more. */
  take(): boolean;
}

export function createBudget({ attempts_max }: VerifyLimits): Budget {
  let left = attempts_max;
  return {
    take() {
      left -= 1;
      return left >= 0;
    },
  };
}
