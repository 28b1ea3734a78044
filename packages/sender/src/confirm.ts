import type { Ack } from "@sigil/core";
import type { Quarantine, SpoolLine } from "@sigil/spool";
import type { ChainMemory } from "./chain.ts";
import { eventIdOf } from "./host.ts";
import type { Packed } from "./pack.ts";
import type { SenderEvidence, Source } from "./ports.ts";

/** An event the receiver will not have. */
export type Refused = { readonly line: SpoolLine; readonly reason: string };

export type Keeping = {
  readonly quarantine: Pick<Quarantine, "put">;
  readonly tell: (evidence: SenderEvidence) => void;
  /** Called for each event once it is kept. */
  readonly onKept: () => void;
};

/** Notes about single events of one batch; the rest is one number. */
const MAX_NOTES = 100;

/**
 * Keeps refused events, one after the other. May be run again after a failure: what is kept already stays kept.
 * @returns the step to run
 */
export function keepingOf(
  refused: readonly Refused[],
  { quarantine, tell, onKept }: Keeping,
): () => Promise<void> {
  let kept = 0;
  let summed = false;
  return async () => {
    for (; kept < refused.length; kept += 1) {
      const { line, reason } = refused[kept] as Refused;
      const { evicted } = await quarantine.put({
        sequence: line.sequence,
        reason,
        payload: line.bytes,
      });
      onKept();
      if (kept < MAX_NOTES) tell(noteOf(line, reason, evicted));
    }
    if (summed || refused.length <= MAX_NOTES) return;
    summed = true;
    tell(summaryOf(refused.slice(MAX_NOTES)));
  };
}

function noteOf(line: SpoolLine, reason: string, evicted: number): SenderEvidence {
  const { sequence } = line;
  return { kind: "event_quarantined", sequence, event_id: eventIdOf(line.bytes), reason, evicted };
}

function summaryOf(rest: readonly Refused[]): SenderEvidence {
  const sequence = rest[0]?.line.sequence ?? 0;
  const reason = `${rest.length} more events of the batch, from this one on`;
  return { kind: "event_quarantined", sequence, event_id: null, reason, evicted: 0 };
}

export type Confirming = Keeping & {
  readonly chain: ChainMemory;
  readonly source: Pick<Source, "ack">;
};

/**
 * Makes an acknowledgement good: refused events are kept, then the chain is remembered, then the checkpoint moves. A
 * crash in between repeats the batch, which the receiver then knows; the order is what loses nothing.
 * @returns the steps to run; to be run again after a failure
 */
export function confirmationOf(packed: Packed, ack: Ack, ports: Confirming): () => Promise<void> {
  const keep = keepingOf(refusedBy(ack, packed), ports);
  const { last_sequence } = packed.manifest;
  return async () => {
    await keep();
    await ports.chain.remember(last_sequence, packed.chain);
    await ports.source.ack(last_sequence);
  };
}

function refusedBy(ack: Ack, { load }: Packed): readonly Refused[] {
  const reasons = new Map(ack.rejected.map(({ sequence, reason }) => [sequence, reason]));
  return load.lines.flatMap((line) => {
    const reason = reasons.get(line.sequence);
    return reason === undefined ? [] : [{ line, reason }];
  });
}
