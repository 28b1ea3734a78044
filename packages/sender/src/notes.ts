import { randomUUIDv7 } from "node:crypto";
import { encodeEvent, errnoOf, healthSeverity, makeEvent, messageOf } from "@sigil/core/plain";
import type { Log } from "@sigil/cli/log";
import {
  applyRetention,
  checkpointPath,
  openProducer,
  readCheckpointClaim,
  type Producer,
  type SpoolHash,
  type SpoolLock,
  type SpoolSettings,
} from "@sigil/spool";
import type { SenderConfig } from "./config.ts";
import type { Notes, SenderEvidence } from "./ports.ts";
import { VERSION } from "./version.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A sender that cannot ship must not fill the disk with telling so. */
const SETTINGS: Partial<SpoolSettings> = {
  segment_max_bytes: MIB,
  soft_max_bytes: 4 * MIB,
  hard_max_bytes: 16 * MIB,
  min_free_bytes: 0,
  line_max_bytes: 64 * KIB,
  group_max_bytes: MIB,
  queue_max_bytes: 2 * MIB,
};

/** The sender's own spool: what it has to say about itself goes the way of all events. */
export interface SenderNotes extends Notes {
  /** Told but not kept since the start: the disk was full, or more came than could wait. */
  lost(): number;
  /** Resolves when everything told so far is durable or lost. */
  settled(): Promise<void>;
  /** Rolls by age and deletes what was shipped; call it now and then. */
  maintain(): Promise<void>;
  close(): Promise<void>;
}

export type NotesOptions = {
  readonly config: Pick<SenderConfig, "notesDir" | "notesCheckpointDir">;
  readonly hash: SpoolHash;
  readonly lock: SpoolLock;
  readonly now: () => number;
  /** Whom the events are about; empty when it is not known. */
  readonly hostId: () => string;
  readonly log: Pick<Log, "warn">;
};

/** @throws SIGIL_SPOOL_*; the lock is held until it is closed, so a second sender stops here */
export async function openNotes(options: NotesOptions): Promise<SenderNotes> {
  const { config, hash, lock, now } = options;
  const producer = await openProducer({
    dir: config.notesDir,
    hash,
    lock,
    clock: { now },
    settings: SETTINGS,
  });
  return new SpooledNotes(options, producer);
}

class SpooledNotes implements SenderNotes {
  readonly #options: NotesOptions;
  readonly #producer: Producer;
  #lost = 0;
  #last: Promise<unknown> = Promise.resolve();
  #hostId = "unknown";

  constructor(options: NotesOptions, producer: Producer) {
    this.#options = options;
    this.#producer = producer;
  }

  tell(evidence: SenderEvidence): void {
    const line = Buffer.from(encodeEvent(this.#event(evidence)));
    const kept = this.#producer.append([line]).catch((error: unknown) => this.#lose(error));
    this.#last = Promise.all([this.#last, kept]);
  }

  lost(): number {
    return this.#lost;
  }

  async settled(): Promise<void> {
    await this.#last;
  }

  async maintain(): Promise<void> {
    await this.#producer.maintain();
    const { config, now } = this.#options;
    const consumed = await this.#consumed();
    const dir = config.notesDir;
    await applyRetention({ dir, consumed, clock: { now }, settings: SETTINGS });
  }

  async close(): Promise<void> {
    await this.settled();
    await this.#producer.close();
  }

  #event(evidence: SenderEvidence) {
    const { hostId, now } = this.#options;
    this.#hostId = hostId() || this.#hostId;
    return makeEvent(
      { hostId: this.#hostId, agentVersion: VERSION },
      {
        eventId: randomUUIDv7(),
        ts: new Date(now()).toISOString(),
        severity: healthSeverity(evidence),
        source: "sender",
        subject: { kind: "self" },
        evidence,
        targetId: null,
      },
    );
  }

  /** The log has the first; a full disk must not fill the log too. */
  #lose(error: unknown): void {
    this.#lost += 1;
    if (this.#lost === 1)
      this.#options.log.warn({ code: errnoOf(error) }, `a note was lost: ${messageOf(error)}`);
  }

  async #consumed(): Promise<number> {
    const claim = await readCheckpointClaim(
      checkpointPath(this.#options.config.notesCheckpointDir),
      {
        lastSequence: this.#producer.lastSequence,
        spoolId: this.#producer.spoolId,
      },
    );
    return claim.kind === "read" ? claim.checkpoint.sequence : 0;
  }
}
