/**
 * A crash-safe queue of lines on disk: one producer, one consumer a checkpoint, files only.
 *
 * What was acknowledged is readable after any crash or power cut, in order, once, until retention
 * evicts it; a damaged byte costs at most its own line, and never silently. The format is specified
 * in `docs/specs/spool.md`.
 *
 * It will not: know what a line means, choose a hash or a lock (both are handed in), start timers,
 * follow links, or open anything but files. It does not protect against whoever may write its
 * directory: the chain of manifests shows tampering to those who kept an earlier head.
 */
export type { AppendRange } from "./append-queue.ts";
export { listAside } from "./aside.ts";
export { writeAtomic } from "./atomic-file.ts";
export { readBacklog, type Backlog } from "./backlog.ts";
export {
  checkpointPath,
  readCheckpointClaim,
  type Checkpoint,
  type CheckpointClaim,
  type ClaimLimits,
} from "./checkpoint.ts";
export {
  Consumer,
  openConsumer,
  type ConsumerOptions,
  type ReadBatch,
  type ReadWant,
  type SpoolLine,
} from "./consumer.ts";
export { SPOOL_ERRORS, type SpoolErrorCode } from "./error.ts";
export {
  exportSpool,
  tailSpool,
  type ExportedLine,
  type ExportOptions,
  type TailOptions,
} from "./export.ts";
export type { Fault, FaultKind } from "./faults.ts";
export type { FileFacts, SpoolFiles, SpoolHandle } from "./files.ts";
export { FIRST_SEQUENCE } from "./layout.ts";
export type { Manifest } from "./manifest.ts";
export { nodeFiles } from "./node-files.ts";
export type {
  SpoolClock,
  SpoolHash,
  SpoolHasher,
  SpoolLease,
  SpoolLock,
  SpoolRoom,
} from "./ports.ts";
export { openProducer, Producer, type ProducerOptions, type ProducerStats } from "./producer.ts";
export {
  openQuarantine,
  Quarantine,
  type PutResult,
  type QuarantineEntry,
  type QuarantineHeader,
  type QuarantineItem,
  type QuarantineOptions,
  type QuarantineStats,
} from "./quarantine.ts";
export { repairSpool, type RepairOptions, type RepairResult } from "./repair.ts";
export type { RepairAction } from "./repair-segment.ts";
export type { OnReport, SpoolReport } from "./report.ts";
export {
  applyRetention,
  type Eviction,
  type EvictionCause,
  type RetentionOptions,
  type RetentionResult,
} from "./retention.ts";
export type { Gap, GapReason } from "./scan.ts";
export {
  LINE_CAP_BYTES,
  resolveSettings,
  SPOOL_DEFAULTS,
  type FullDiskPolicy,
  type SpoolSettings,
} from "./settings.ts";
export type { SpoolSize } from "./size.ts";
export { verifySpool, type VerifyOptions, type VerifyReport } from "./verify.ts";
