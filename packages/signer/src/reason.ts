/** Why something signed was refused; docs/specs/policy.md §9 says what each means and which goes first. */
export const REJECT_REASONS = [
  "malformed",
  "too_large",
  "wrong_type",
  "unknown_key",
  "inactive_key",
  "bad_signature",
  "below_threshold",
  "duplicate_key",
  "rollback",
  "same_version_other_bytes",
  "expired",
  "not_yet_valid",
  "wrong_audience",
  "root_rollback",
  "root_expired",
  "root_gap",
  "part_mismatch",
  "clock_set_back",
  "not_a_policy",
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/** An expected answer, never an error: somebody sent something that does not count. */
export type Refusal = {
  readonly kind: "rejected";
  readonly reason: RejectReason;
  /** For people: what exactly. Holds nothing of the contents but names, numbers and times. */
  readonly detail: string;
};

export function refuse(reason: RejectReason, detail: string): Refusal {
  return { kind: "rejected", reason, detail };
}

export function isRefusal(value: unknown): value is Refusal {
  return (
    typeof value === "object" && value !== null && "kind" in value && value.kind === "rejected"
  );
}
