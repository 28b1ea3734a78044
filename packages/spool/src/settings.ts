import { spoolError } from "./error.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const HOUR_MS = 3_600_000;

/** No line is ever longer than this, whatever the settings say; readers rely on it. Bytes. */
export const LINE_CAP_BYTES = 16 * MIB;

export type FullDiskPolicy = "evict_oldest" | "stop";

export type SpoolSettings = {
  /** A segment rolls before it would grow past this. Bytes of lines and newlines. */
  readonly segment_max_bytes: number;
  /** A segment rolls once it is this old. Milliseconds. */
  readonly segment_max_age_ms: number;
  /** Longest line `append` takes, without its newline. At most 16 MiB. Bytes. */
  readonly line_max_bytes: number;
  /** Most bytes written in one group commit, hence in one append. Bytes. */
  readonly group_max_bytes: number;
  /** Most bytes that may wait in memory for a commit. Bytes. */
  readonly queue_max_bytes: number;
  /** Over this, consumed segments go, oldest first. Bytes on disk. */
  readonly soft_max_bytes: number;
  /** Consumed segments closed longer ago than this go. Milliseconds. */
  readonly soft_max_age_ms: number;
  /** Over this, the oldest closed segments go even unconsumed. Bytes on disk. */
  readonly hard_max_bytes: number;
  /** Free room the disk should keep; below it the oldest closed segments go. Bytes. */
  readonly min_free_bytes: number;
  /** Whether hard limits may evict what nobody consumed, or recording stops instead. */
  readonly full_disk_policy: FullDiskPolicy;
  /** All payloads of one quarantine together. Bytes. */
  readonly quarantine_max_bytes: number;
  /** Entries of one quarantine. */
  readonly quarantine_max_entries: number;
  /** One payload; longer ones are cut and say so. Bytes. */
  readonly quarantine_entry_max_bytes: number;
  /** Largest checkpoint file that is read. Bytes. */
  readonly checkpoint_max_bytes: number;
  /** Default for `read`. Lines. */
  readonly read_max_lines: number;
  /** Default for `read`. Bytes of lines; one line is always returned. */
  readonly read_max_bytes: number;
  /** Faults `verifySpool` lists; the rest is only counted. */
  readonly verify_max_faults: number;
};

export const SPOOL_DEFAULTS: SpoolSettings = {
  segment_max_bytes: 16 * MIB,
  segment_max_age_ms: HOUR_MS,
  line_max_bytes: MIB,
  group_max_bytes: 8 * MIB,
  queue_max_bytes: 64 * MIB,
  soft_max_bytes: 256 * MIB,
  soft_max_age_ms: 7 * 24 * HOUR_MS,
  hard_max_bytes: GIB,
  min_free_bytes: 256 * MIB,
  full_disk_policy: "evict_oldest",
  quarantine_max_bytes: 64 * MIB,
  quarantine_max_entries: 1000,
  quarantine_entry_max_bytes: 32 * MIB,
  checkpoint_max_bytes: 4 * KIB,
  read_max_lines: 1000,
  read_max_bytes: 4 * MIB,
  verify_max_faults: 1000,
};

const MAY_BE_ZERO: ReadonlySet<string> = new Set(["min_free_bytes", "soft_max_age_ms"]);

/**
 * Fills in the defaults and checks every value.
 * @throws SIGIL_SPOOL_SETTING naming the setting
 */
export function resolveSettings(given: Partial<SpoolSettings> = {}): SpoolSettings {
  const settings = { ...SPOOL_DEFAULTS, ...given };
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === "number") checkNumber(name, value);
  }
  checkAtMost("line_max_bytes", settings.line_max_bytes, LINE_CAP_BYTES);
  checkAtMost("line_max_bytes", settings.line_max_bytes, settings.group_max_bytes - 1);
  checkAtMost("group_max_bytes", settings.group_max_bytes, settings.queue_max_bytes);
  return settings;
}

function checkNumber(name: string, value: number): void {
  const least = MAY_BE_ZERO.has(name) ? 0 : 1;
  if (Number.isSafeInteger(value) && value >= least) return;
  throw spoolError("SIGIL_SPOOL_SETTING", `${name} must be a whole number of at least ${least}`, {
    context: { setting: name },
  });
}

function checkAtMost(name: string, value: number, most: number): void {
  if (value <= most) return;
  throw spoolError("SIGIL_SPOOL_SETTING", `${name} must be at most ${most}`, {
    context: { setting: name, most },
  });
}
