import type { EvidenceQuality } from "./evidence.ts";

export interface QualityFacts {
  /** The file was not fully hashed. */
  readonly incomplete: boolean;
  /** Found by a sweep, or changed while the agent was down. */
  readonly delayed: boolean;
  /** Two or more changes were folded into this one. */
  readonly folded: boolean;
}

/** The strongest word wins: incomplete > delayed > coalesced > definitive (design §3). */
export function qualityOf(facts: QualityFacts): EvidenceQuality {
  if (facts.incomplete) return "incomplete";
  if (facts.delayed) return "delayed";
  return facts.folded ? "coalesced" : "definitive";
}
