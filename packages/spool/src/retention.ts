import { unlinkIfThere } from "./atomic-file.ts";
import { coded } from "./error.ts";
import type { SpoolFiles } from "./files.ts";
import {
  listSpool,
  newestManifest,
  partPath,
  segmentsOf,
  type Listing,
  type Stem,
} from "./layout.ts";
import { nodeFiles } from "./node-files.ts";
import type { SpoolClock, SpoolRoom } from "./ports.ts";
import { resolveSettings, type SpoolSettings } from "./settings.ts";
import { stemBytes } from "./size.ts";

export type RetentionOptions = {
  readonly dir: string;
  /** Everything up to here was consumed, as a checked claim says; 0: nothing. */
  readonly consumed: number;
  readonly clock: SpoolClock;
  /** Without it `min_free_bytes` is not looked at. */
  readonly room?: SpoolRoom;
  readonly settings?: Partial<SpoolSettings>;
  readonly files?: SpoolFiles;
};

export type EvictionCause = "soft_bytes" | "soft_age" | "hard_bytes" | "low_disk";

export type Eviction = {
  readonly first_sequence: number;
  readonly last_sequence: number;
  readonly events: number;
  /** How many of them nobody had consumed. */
  readonly unconsumed_events: number;
  readonly bytes: number;
  readonly cause: EvictionCause;
};

export type RetentionResult = {
  readonly evicted: readonly Eviction[];
  /** Bytes and segments that stay. */
  readonly bytes: number;
  readonly segments: number;
  /** A hard limit is still exceeded: by policy, or because only the open segment is left. */
  readonly over: "hard_bytes" | "low_disk" | null;
};

type Closed = {
  readonly stem: Stem;
  readonly last: number;
  readonly bytes: number;
  readonly modified: number;
};

/**
 * Removes closed segments, oldest first. Run by the producer's owner, between or beside appends; the
 * newest segment is never touched, because lines may be going into it.
 * @throws SIGIL_SPOOL_SETTING, SIGIL_SPOOL_IO
 */
export async function applyRetention(options: RetentionOptions): Promise<RetentionResult> {
  return await coded("cannot apply retention", async () => await retain(options));
}

async function retain(options: RetentionOptions): Promise<RetentionResult> {
  const files = options.files ?? nodeFiles;
  const settings = resolveSettings(options.settings);
  const listing = await listSpool(files, options.dir);
  const closed = await measureClosed(files, options.dir, listing);
  const total = await totalBytes(files, options.dir, listing);
  const free = (await options.room?.free(options.dir)) ?? null;
  const plan = planEvictions({ ...options, settings, closed, total, free });
  await evict(files, options.dir, listing, plan.chosen);
  const segments = segmentsOf(listing).length - plan.chosen.length;
  return { evicted: plan.evicted, bytes: plan.bytes, segments, over: plan.over };
}

async function measureClosed(
  files: SpoolFiles,
  dir: string,
  listing: Listing,
): Promise<readonly Closed[]> {
  const segments = segmentsOf(listing);
  const closed: Closed[] = [];
  for (const [at, stem] of segments.slice(0, -1).entries()) {
    const last = (segments[at + 1]?.first ?? stem.first) - 1;
    const facts = await files.lstat(partPath(dir, stem.first, "jsonl"));
    const bytes = await stemBytes(files, dir, stem);
    closed.push({ stem, last, bytes, modified: facts?.mtime_ms ?? 0 });
  }
  return closed;
}

async function totalBytes(files: SpoolFiles, dir: string, listing: Listing): Promise<number> {
  let bytes = 0;
  for (const stem of listing.stems) bytes += await stemBytes(files, dir, stem);
  return bytes;
}

type Situation = {
  readonly settings: SpoolSettings;
  readonly clock: SpoolClock;
  readonly consumed: number;
  readonly closed: readonly Closed[];
  readonly total: number;
  readonly free: number | null;
};

type Plan = {
  readonly chosen: readonly Closed[];
  readonly evicted: readonly Eviction[];
  readonly bytes: number;
  readonly over: RetentionResult["over"];
};

/**
 * Free room is measured once and then reckoned with: room that an open handle elsewhere, or another
 * program, withholds must not make this evict everything.
 */
function planEvictions(situation: Situation): Plan {
  const chosen: Closed[] = [];
  const evicted: Eviction[] = [];
  let { total: bytes, free } = situation;
  for (const segment of situation.closed) {
    const cause = causeFor(situation, segment, bytes, free);
    if (cause === null) break;
    chosen.push(segment);
    evicted.push(describe(segment, situation.consumed, cause));
    bytes -= segment.bytes;
    free = free === null ? null : free + segment.bytes;
  }
  return { chosen, evicted, bytes, over: pressure(situation.settings, bytes, free) };
}

function causeFor(
  { settings, clock, consumed }: Situation,
  segment: Closed,
  bytes: number,
  free: number | null,
): EvictionCause | null {
  const hard = pressure(settings, bytes, free);
  if (segment.last > consumed) return settings.full_disk_policy === "stop" ? null : hard;
  if (hard !== null) return hard;
  if (bytes > settings.soft_max_bytes) return "soft_bytes";
  return clock.now() - segment.modified > settings.soft_max_age_ms ? "soft_age" : null;
}

function pressure(
  settings: SpoolSettings,
  bytes: number,
  free: number | null,
): RetentionResult["over"] {
  if (bytes > settings.hard_max_bytes) return "hard_bytes";
  return free !== null && free < settings.min_free_bytes ? "low_disk" : null;
}

function describe(segment: Closed, consumed: number, cause: EvictionCause): Eviction {
  const first = segment.stem.first;
  const events = segment.last - first + 1;
  const unconsumed = segment.last - Math.max(consumed, first - 1);
  return {
    first_sequence: first,
    last_sequence: segment.last,
    events,
    unconsumed_events: Math.max(0, unconsumed),
    bytes: segment.bytes,
    cause,
  };
}

/**
 * Lines first, durably and one segment at a time: from then on the segment is gone for every reader,
 * no power cut leaves a hole between older and newer ones, and what an interruption leaves (an index
 * or a manifest alone) is told from a whole segment and removed at the next open.
 * The newest manifest stays: it is the head of the chain and says where the sequence goes on.
 */
async function evict(
  files: SpoolFiles,
  dir: string,
  listing: Listing,
  chosen: readonly Closed[],
): Promise<void> {
  const newest = newestManifest(listing);
  // Manifests whose segments went earlier, while they were the newest.
  const stale = listing.stems.filter((stem) => !stem.data && stem.first !== newest);
  if (chosen.length === 0 && stale.length === 0) return;
  const stems = chosen.map(({ stem }) => stem);
  for (const { first } of stems) {
    await unlinkIfThere(files, partPath(dir, first, "jsonl"));
    await files.syncDir(dir);
  }
  for (const { first } of [...stems, ...stale]) {
    await unlinkIfThere(files, partPath(dir, first, "idx"));
    if (first !== newest) await unlinkIfThere(files, partPath(dir, first, "manifest.json"));
  }
  await files.syncDir(dir);
}
