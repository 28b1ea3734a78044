import { messageOf } from "@sigil/core/plain";
import { moveIrregular } from "./aside.ts";
import { checkDirectory, takeLock } from "./directory.ts";
import { dryFiles } from "./dry-files.ts";
import { coded } from "./error.ts";
import type { SpoolFiles } from "./files.ts";
import type { KeepContext } from "./keep.ts";
import { listSpool, QUARANTINE_NAME, segmentsOf, stemOf } from "./layout.ts";
import { readManifest } from "./manifest.ts";
import { openMark } from "./mark.ts";
import { nodeFiles } from "./node-files.ts";
import { timestamp, type SpoolClock, type SpoolHash, type SpoolLock } from "./ports.ts";
import { recoverSpool, type SpoolState } from "./recover.ts";
import { repairManifest, repairSegment, type RepairAction } from "./repair-segment.ts";
import type { SpoolReport } from "./report.ts";
import { seal } from "./seal.ts";
import { resolveSettings, type SpoolSettings } from "./settings.ts";

export type RepairOptions = {
  readonly dir: string;
  readonly hash: SpoolHash;
  readonly lock: SpoolLock;
  readonly clock: SpoolClock;
  /** Says what would be done and does nothing. */
  readonly dryRun?: boolean;
  readonly settings?: Partial<SpoolSettings>;
  readonly files?: SpoolFiles;
};

export type RepairResult = {
  readonly dry_run: boolean;
  readonly actions: readonly RepairAction[];
  /** What recovery did to the last segment and to the spool's own files. */
  readonly reports: readonly SpoolReport[];
};

/**
 * Makes a damaged spool openable and readable again. What does not belong goes to quarantine; lines
 * that cannot be proven stay where they are. Nothing tampered with is made to look whole: a broken
 * chain of manifests stays broken.
 * @throws SIGIL_SPOOL_ABSENT, SIGIL_SPOOL_OWNER, SIGIL_SPOOL_LOCKED, SIGIL_SPOOL_SETTING,
 *   SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO
 */
export async function repairSpool(options: RepairOptions): Promise<RepairResult> {
  const settings = resolveSettings(options.settings);
  const real = options.files ?? nodeFiles;
  const isDry = options.dryRun ?? false;
  const { dir, hash, clock } = options;
  await checkDirectory(real, dir);
  const lease = takeLock(options.lock, dir);
  try {
    const reports: SpoolReport[] = [];
    const report = (one: SpoolReport) => void reports.push(one);
    const files = isDry ? dryFiles(real) : real;
    const context = { files, hash, clock, dir, settings, report };
    const actions = await coded("cannot repair the spool", async () => await repair(context));
    return { dry_run: isDry, actions, reports };
  } finally {
    lease.release();
  }
}

async function repair(context: KeepContext): Promise<readonly RepairAction[]> {
  const { files, dir } = context;
  const actions: RepairAction[] = [];
  await moveAside(context, actions);
  for (const stem of (await listSpool(files, dir)).stems) {
    if (stem.manifest) actions.push(...(await repairManifest(context, stem.first)));
  }
  const segments = segmentsOf(await listSpool(files, dir));
  for (const stem of segments.slice(0, -1)) {
    actions.push(...(await repairSegment(context, stem.first)));
  }
  const newest = segments.at(-1);
  // Without a manifest it is the business of recovery.
  if (newest?.manifest === true) actions.push(...(await repairSegment(context, newest.first)));
  const state = await recoverSpool(context);
  actions.push(...(await sealAll(context, state)));
  const mark = await openMark(files, dir, context.hash, state.spoolId, state.next - 1);
  await mark.close();
  return actions;
}

/** What is no regular file would keep the spool from being opened. */
async function moveAside(context: KeepContext, actions: RepairAction[]): Promise<void> {
  const { files, dir } = context;
  const move = async (name: string) => {
    const to = await moveIrregular(context, name);
    if (to !== null) {
      actions.push({ kind: "moved_aside", segment: null, detail: `${name} to ${to}` });
    }
  };
  for (const { first } of (await listSpool(files, dir)).stems) {
    for (const part of ["jsonl", "idx", "manifest.json"] as const) {
      await move(`${stemOf(first)}.${part}`);
    }
  }
  for (const name of ["spool.json", "durable.mark", QUARANTINE_NAME]) {
    await move(name);
  }
}

/** Manifests for every closed segment that has none, oldest first. */
async function sealAll(context: KeepContext, state: SpoolState): Promise<readonly RepairAction[]> {
  const { files, hash, dir, clock } = context;
  const actions: RepairAction[] = [];
  const listing = await listSpool(files, dir);
  const known = new Map(state.unsealed.map((unsealed) => [unsealed.first, unsealed]));
  const segments = segmentsOf(listing);
  let head: string | null = null;
  for (const stem of listing.stems) {
    const { first } = stem;
    const outcome = stem.manifest ? await readManifest(files, dir, hash, first) : null;
    if (outcome?.kind === "read") {
      head = outcome.digest;
      continue;
    }
    const next = segments.find((segment) => segment.first > first)?.first;
    const closed = next === undefined ? null : { first, count: next - first };
    const unsealed = known.get(first) ?? (closed && { ...closed, bytes: null, digest: null });
    if (!stem.data || unsealed === null) continue;
    try {
      const closedAt = timestamp(clock);
      const { spoolId } = state;
      head = (await seal({ files, hash, dir, spoolId, closedAt, head }, unsealed)) ?? head;
      const detail = `${unsealed.count} lines`;
      actions.push({ kind: "manifest_written", segment: stemOf(first), detail });
    } catch (error) {
      const why = messageOf(error);
      context.report({ kind: "manifest_failed", segment: stemOf(first), why });
    }
  }
  return actions;
}
