export type FaultKind =
  | "identity_missing"
  | "identity_invalid"
  | "mark_invalid"
  | "not_regular"
  | "leftover"
  | "sequence_gap"
  | "index_missing"
  | "index_damaged"
  | "index_length"
  | "newline_damaged"
  | "line_corrupt"
  | "line_missing"
  | "trailing_bytes"
  | "manifest_missing"
  | "manifest_invalid"
  | "manifest_foreign"
  | "manifest_mismatch"
  | "segment_digest"
  | "chain_broken";

export type Fault = {
  readonly kind: FaultKind;
  /** Stem of the segment, or null for the spool as a whole. */
  readonly segment: string | null;
  readonly sequence: number | null;
  readonly detail: string;
};

/** Faults, the first so many kept and all counted. */
export class FaultList {
  readonly #most: number;
  readonly #kept: Fault[] = [];
  #total = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get kept(): readonly Fault[] {
    return this.#kept;
  }

  get total(): number {
    return this.#total;
  }

  add(kind: FaultKind, detail: string, where: Partial<Omit<Fault, "kind" | "detail">> = {}): void {
    this.#total += 1;
    if (this.#kept.length >= this.#most) return;
    this.#kept.push({ kind, segment: null, sequence: null, ...where, detail });
  }
}
