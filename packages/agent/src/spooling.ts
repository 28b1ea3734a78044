import type { EvidenceOf, Settings } from "@sigil/core/plain";
import { printable } from "@sigil/cli";
import { diskFree } from "@sigil/host";
import {
  applyRetention,
  checkpointPath,
  openProducer,
  readCheckpointClaim,
  type CheckpointClaim,
  type Producer,
  type SpoolReport,
  type SpoolSettings,
} from "@sigil/spool";
import type { Config } from "./config.ts";
import type { Hasher } from "@sigil/ports/hash";
import { agentLock } from "./lock.ts";
import type { LostSpool } from "./state/replay.ts";

export type SpoolNote = EvidenceOf<"spool_corruption"> | EvidenceOf<"spool_evicted">;

/** The agent's side of the spool: one producer and its retention. */
export interface Spooling {
  readonly producer: Producer;
  /** Deletes what was shipped, evicts what no longer fits; tells of every eviction. */
  retain(cause: "timer" | "disk_full"): Promise<void>;
  size(): Promise<number>;
  /** The spool that was there before is gone. */
  noteLost(lost: LostSpool): void;
  /** What was noticed before there was anyone to tell. */
  takeNotes(): SpoolNote[];
}

function spoolSettings(settings: Settings["spool"]): Partial<SpoolSettings> {
  return {
    segment_max_bytes: settings.segment_max_bytes,
    segment_max_age_ms: settings.segment_max_age_s * 1000,
    soft_max_bytes: settings.soft_max_bytes,
    hard_max_bytes: settings.hard_max_bytes,
    min_free_bytes: settings.min_free_bytes,
    full_disk_policy: settings.full_disk,
  };
}

/** @throws SIGIL_SPOOL_*, SIGIL_AGENT_RUNNING */
export async function openSpooling(
  config: Config,
  settings: Settings,
  hasher: Hasher,
  onClaim: (problem: string | null) => void,
): Promise<Spooling> {
  const notes: SpoolNote[] = [];
  const clock = { now: () => Date.now() };
  const dir = config.paths.spool;
  const options = { dir, hash: hasher, clock, settings: spoolSettings(settings.spool) };
  const onReport = (report: SpoolReport) => void notes.push(...corruption(report));
  const producer = await openProducer({ ...options, lock: agentLock, onReport });

  async function retain(cause: "timer" | "disk_full"): Promise<void> {
    const free = async () => {
      const disk = await diskFree(dir);
      if (disk.kind === "unknown") return Number.MAX_SAFE_INTEGER;
      return cause === "disk_full" ? 0 : disk.bytes_free;
    };
    const consumed = await consumedUpTo(config, producer, onClaim);
    // A full disk wants room for at least one more segment, whatever floor is set.
    const floor = Math.max(settings.spool.min_free_bytes, settings.spool.segment_max_bytes);
    const limits =
      cause === "disk_full" ? { ...options.settings, min_free_bytes: floor } : options.settings;
    const result = await applyRetention({ ...options, settings: limits, consumed, room: { free } });
    for (const eviction of result.evicted) {
      // Shipped and deleted is the normal end of a segment, not a loss to tell of.
      if (eviction.unconsumed_events === 0) continue;
      notes.push({
        kind: "spool_evicted",
        reason:
          cause === "disk_full"
            ? "disk_full"
            : eviction.cause === "low_disk"
              ? "low_disk"
              : "hard_limit",
        first_sequence: eviction.first_sequence,
        last_sequence: eviction.last_sequence,
        events: eviction.events,
        bytes: eviction.bytes,
        unconsumed: true,
      });
    }
  }

  return {
    producer,
    retain,
    size: async () => (await producer.stats()).bytes,
    noteLost: ({ spoolId, last }) =>
      void notes.push({
        kind: "spool_corruption",
        problem: "spool_gone",
        segment: null,
        detail: `the spool ${spoolId}, which had sequences up to ${last}, is gone; this one begins anew`,
      }),
    takeNotes: () => notes.splice(0),
  };
}

/** The sender's checkpoint is a claim: what it says beyond the last written sequence is ignored (design §4), and told. */
async function consumedUpTo(
  config: Config,
  producer: Producer,
  onClaim: (problem: string | null) => void,
): Promise<number> {
  const claim = await readCheckpointClaim(checkpointPath(config.paths.sender), {
    lastSequence: producer.lastSequence,
    spoolId: producer.spoolId,
  });
  onClaim(problemOf(claim));
  return claim.kind === "read" ? claim.checkpoint.sequence : 0;
}

/** Null: nothing is wrong with it, or there is none. */
function problemOf(claim: CheckpointClaim): string | null {
  switch (claim.kind) {
    case "absent":
    case "read":
    // A spool that was begun anew, which the sender has not seen yet.
    case "other_spool":
      return null;
    case "beyond":
      return `it claims sequence ${claim.sequence}, which was never written`;
    case "too_large":
      return `it has ${claim.size} bytes`;
    case "not_regular":
      return "it is no regular file";
    case "unreadable":
      return `it cannot be read: ${printable(claim.why)}`;
    case "invalid":
      return "it is no checkpoint";
  }
}

function corruption(report: SpoolReport): SpoolNote[] {
  const segment = "segment" in report ? report.segment : null;
  const note = (detail: string): SpoolNote[] => [
    { kind: "spool_corruption", problem: report.kind, segment, detail },
  ];
  switch (report.kind) {
    case "torn_tail":
      return note(`${report.bytes} bytes that were never acknowledged were cut off`);
    case "corrupt_line":
    case "lines_missing":
    case "segment_gone":
      return note(`sequences ${report.from} to ${report.to}`);
    case "index_repaired":
      return note(`${report.bytes} bytes of the index were cut off`);
    case "moved_aside":
      return note(
        `${printable(report.file)} was none of the spool's own files; it is now ${printable(report.to)}`,
      );
    case "manifest_corrupt":
      return note("the manifest does not fit its segment");
    case "identity_restored":
    case "identity_replaced":
      return note(`spool.json was damaged; spool_id ${report.spool_id}`);
    default:
      return [];
  }
}
