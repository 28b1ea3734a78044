import type { Meter, MeterReading } from "./ports.ts";

const START: MeterReading = {
  eventsAcked: 0,
  batchesAcked: 0,
  quarantined: 0,
  retries: 0,
  bytesSent: 0,
  lastAckAt: null,
  state: "idle",
  reason: null,
  detail: null,
};

/** @param onTrouble called when trouble begins, ends or has another reason; not with every batch */
export function createMeter(onTrouble: () => void = () => undefined): Meter {
  let reading = START;
  const add = (more: Partial<MeterReading>) => void (reading = { ...reading, ...more });
  return {
    acked({ events, at }) {
      const { eventsAcked, batchesAcked } = reading;
      const counts = { eventsAcked: eventsAcked + events, batchesAcked: batchesAcked + 1 };
      add({ ...counts, lastAckAt: at });
    },
    quarantined: (events) => add({ quarantined: reading.quarantined + events }),
    retried: () => add({ retries: reading.retries + 1 }),
    sent: (bytes) => add({ bytesSent: reading.bytesSent + bytes }),
    state(state, reason, detail) {
      const before = troubleOf(reading);
      add({ state, reason: reason ?? null, detail: detail ?? null });
      if (troubleOf(reading) !== before) onTrouble();
    },
    reading: () => reading,
  };
}

function troubleOf({ state, reason }: MeterReading): string | null {
  return state === "waiting" || state === "refused" ? `${state} ${reason}` : null;
}

/** What two streams did together; state and reason are those of the one that is worse off. */
export function together(one: MeterReading, other: MeterReading): MeterReading {
  const worse = RANK[other.state] > RANK[one.state] ? other : one;
  const last = Math.max(one.lastAckAt ?? 0, other.lastAckAt ?? 0);
  return {
    eventsAcked: one.eventsAcked + other.eventsAcked,
    batchesAcked: one.batchesAcked + other.batchesAcked,
    quarantined: one.quarantined + other.quarantined,
    retries: one.retries + other.retries,
    bytesSent: one.bytesSent + other.bytesSent,
    lastAckAt: last === 0 ? null : last,
    state: worse.state,
    reason: worse.reason,
    detail: worse.detail,
  };
}

const RANK = { idle: 0, shipping: 1, waiting: 2, refused: 3 } as const;
