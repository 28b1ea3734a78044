import { decodeEvent, errnoOf, type EvidenceOf } from "@sigil/core/plain";
import { nodeFiles, readBacklog, type SpoolHash } from "@sigil/spool";
import type { SenderSettings } from "./settings.ts";

/** What one stream has before it. */
export type Lag = {
  readonly events: number;
  readonly bytes: number;
  /** Of the oldest event that is not acknowledged, by its own time; 0 without one. Seconds. */
  readonly age_s: number;
};

export const NO_LAG: Lag = { events: 0, bytes: 0, age_s: 0 };

/**
 * Measures without taking the consumer's lock.
 * @returns null when there is no spool yet
 * @throws SIGIL_SPOOL_*
 */
export async function measureLag(
  places: { readonly dir: string; readonly checkpointDir: string },
  ports: { readonly hash: SpoolHash; readonly now: () => number },
): Promise<Lag | null> {
  try {
    const { events, bytes, oldest } = await readBacklog(
      { files: nodeFiles, hash: ports.hash },
      places,
    );
    return { events, bytes, age_s: oldest === null ? 0 : ageOf(oldest, ports.now()) };
  } catch (error) {
    if (errnoOf(error) === "SIGIL_SPOOL_ABSENT") return null;
    throw error;
  }
}

function ageOf(line: Buffer, now: number): number {
  const decoded = decodeEvent(line.toString("utf8"));
  if (decoded.kind !== "event") return 0;
  const age = Math.floor((now - Date.parse(decoded.event.ts)) / 1000);
  return Number.isFinite(age) ? Math.max(0, age) : 0;
}

export type LagState = EvidenceOf<"sender_lag">["state"];

/** How a stream does: its lag, and for how long nothing was acknowledged although there was something to send. */
export type LagFacts = Lag & { readonly stalledS: number };

/**
 * Ends of states are at half of what begins them, so that a backlog at the threshold does not flap.
 * @param before the state so far
 */
export function lagState(
  before: LagState,
  facts: LagFacts,
  settings: SenderSettings["lag"],
): LagState {
  if (facts.stalledS >= settings.stall_s) return "not_shipping";
  const share = before === "caught_up" ? 1 : 0.5;
  const isBehind =
    facts.events >= settings.warn_events * share || facts.age_s >= settings.warn_age_s * share;
  return isBehind && facts.events > 0 ? "behind" : "caught_up";
}

/** Times how long a stream had something to send without any of it being acknowledged. */
export interface StallTimer {
  /** @param acked changes with every acknowledgement. @returns seconds */
  look(lag: Lag, acked: number): number;
}

/** @param monotonic milliseconds; a clock that jumps must neither make nor hide a stall */
export function createStallTimer(monotonic: () => number): StallTimer {
  let since: number | null = null;
  let seen = -1;
  return {
    look(lag, acked) {
      if (lag.events === 0 || acked !== seen) since = null;
      seen = acked;
      if (lag.events === 0) return 0;
      since ??= monotonic();
      return Math.floor((monotonic() - since) / 1000);
    },
  };
}
