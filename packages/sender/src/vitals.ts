import { messageOf, type EvidenceOf } from "@sigil/core/plain";
import type { Log } from "@sigil/cli/log";
import type { Hasher } from "@sigil/ports/hash";
import type { Conditions } from "./conditions.ts";
import type { SenderConfig } from "./config.ts";
import type { PolicyReport } from "./courier.ts";
import type { LiveIdentity } from "./identity.ts";
import {
  createStallTimer,
  lagState,
  measureLag,
  NO_LAG,
  type Lag,
  type LagState,
  type StallTimer,
} from "./lag.ts";
import { together } from "./meter.ts";
import type { SenderNotes } from "./notes.ts";
import { STREAMS, streamPlaces, type StreamName } from "./places.ts";
import type { Clock, Meter } from "./ports.ts";
import type { SenderStatus, StreamStatus } from "./status.ts";
import { VERSION } from "./version.ts";

export type VitalsPorts = {
  readonly config: SenderConfig;
  readonly mode: "user" | "system";
  readonly server: string;
  readonly hasher: Hasher;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  readonly meters: Readonly<Record<StreamName, Meter>>;
  readonly identity: Pick<LiveIdentity, "current" | "facts">;
  readonly notes: Pick<SenderNotes, "tell" | "lost">;
  readonly conditions: Conditions;
  readonly policy: () => PolicyReport;
  /** When the program began. */
  readonly startedAt: { readonly now: number; readonly monotonic: number };
};

/** Looks how the sender does: measures its lag, tells when that changes for the worse or the better, holds conditions. */
export interface Vitals {
  /** Measures. Never throws. */
  look(): Promise<void>;
  /** As of the last look. */
  status(): SenderStatus;
}

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;

export function createVitals(ports: VitalsPorts): Vitals {
  return new SenderVitals(ports);
}

class SenderVitals implements Vitals {
  readonly #ports: VitalsPorts;
  readonly #stalls: Readonly<Record<StreamName, StallTimer>>;
  #lags: Readonly<Record<StreamName, Lag | null>> = { agent: null, sender: null };
  #state: LagState = "caught_up";

  constructor(ports: VitalsPorts) {
    const monotonic = () => ports.clock.monotonic();
    this.#ports = ports;
    this.#stalls = { agent: createStallTimer(monotonic), sender: createStallTimer(monotonic) };
  }

  async look(): Promise<void> {
    const [agent, sender] = await Promise.all([this.#measure("agent"), this.#measure("sender")]);
    this.#lags = { agent, sender };
    this.#judgeLag();
    this.#judgeDelivery();
    this.#judgeCertificate();
  }

  status(): SenderStatus {
    const { clock, config, mode, server, identity, meters, notes, startedAt } = this.#ports;
    const { hostId, serial, notAfter, problem } = identity.current();
    const all = together(meters.agent.reading(), meters.sender.reading());
    return {
      schema_version: 1,
      version: VERSION,
      pid: process.pid,
      mode,
      started_at: timeText(startedAt.now),
      updated_at: timeText(clock.now()),
      ended_at: null,
      uptime_s: Math.floor((clock.monotonic() - startedAt.monotonic) / 1000),
      server,
      host_id: hostId,
      state: all.state,
      config: config.file,
      streams: { agent: this.#stream("agent"), sender: this.#stream("sender") },
      certificate: { serial, not_after: timeText(notAfter), problem: problem?.cause ?? null },
      policy: this.#ports.policy(),
      notes_lost: notes.lost(),
      memory_mb: Math.round(process.memoryUsage.rss() / MIB),
      conditions: this.#ports.conditions.list(),
    };
  }

  async #measure(stream: StreamName): Promise<Lag | null> {
    const { config, hasher, clock, log } = this.#ports;
    try {
      return await measureLag(streamPlaces(config, stream), {
        hash: hasher,
        now: () => clock.now(),
      });
    } catch (error) {
      log.warn({ stream }, `the lag cannot be measured: ${messageOf(error)}`);
      return this.#lags[stream];
    }
  }

  #judgeLag(): void {
    const { config, conditions, meters, notes } = this.#ports;
    const stalls = STREAMS.map((stream) =>
      this.#stalls[stream].look(
        this.#lags[stream] ?? NO_LAG,
        meters[stream].reading().batchesAcked,
      ),
    );
    const lag = this.#lags.agent ?? NO_LAG;
    const stalledS = Math.max(...stalls);
    const state = lagState(this.#state, { ...lag, stalledS }, config.settings.lag);
    const { reason, detail } = together(meters.agent.reading(), meters.sender.reading());
    const why = [reason, detail].filter((part) => part !== null).join(": ") || null;
    const shown = `${lag.events} events, the oldest ${lag.age_s} s old`;
    conditions.set("behind", state === "behind" ? shown : null);
    const stalled = `for ${stalledS} s; ${shown}${why === null ? "" : `; ${why}`}`;
    conditions.set("not-shipping", state === "not_shipping" ? stalled : null);
    conditions.set("spool-absent", this.#lags.agent === null ? config.spoolDir : null);
    if (state === this.#state) return;
    this.#state = state;
    const evidence: EvidenceOf<"sender_lag"> = { kind: "sender_lag", state, ...lag, reason: why };
    notes.tell(evidence);
  }

  #judgeDelivery(): void {
    const { conditions, meters, notes } = this.#ports;
    const { state, reason, detail, quarantined } = together(
      meters.agent.reading(),
      meters.sender.reading(),
    );
    const why = [reason ?? "no reason known", detail].filter((part) => part !== null).join(": ");
    conditions.set("delivery-refused", state === "refused" ? why : null);
    conditions.set("delivery-waiting", state === "waiting" ? why : null);
    const kept = quarantined > 0 ? `${quarantined} since the start` : null;
    conditions.set("events-quarantined", kept);
    const lost = notes.lost();
    conditions.set("notes-lost", lost > 0 ? `${lost} since the start` : null);
  }

  #judgeCertificate(): void {
    const { conditions, identity, config, clock } = this.#ports;
    const { problem, notAfter } = identity.current();
    const daysLeft = (notAfter - clock.now()) / DAY_MS;
    const first = Math.max(0, ...config.settings.certificate.warn_days);
    const ends = daysLeft > 0 && daysLeft <= first ? timeText(notAfter) : null;
    conditions.set("certificate-expiring", ends);
    conditions.set("certificate-unusable", problem === null ? null : problem.detail);
  }

  #stream(name: StreamName): StreamStatus {
    const reading = this.#ports.meters[name].reading();
    return {
      state: reading.state,
      reason: reading.reason,
      detail: reading.detail,
      lag: this.#lags[name],
      events_acked_total: reading.eventsAcked,
      batches_acked_total: reading.batchesAcked,
      events_quarantined_total: reading.quarantined,
      retries_total: reading.retries,
      bytes_sent_total: reading.bytesSent,
      last_ack_at: reading.lastAckAt === null ? null : timeText(reading.lastAckAt),
    };
  }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
