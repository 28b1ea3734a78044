import {
  EXIT,
  print,
  printJson,
  printable,
  alignColumns,
  bytesText,
  startProgress,
} from "@sigil/cli";
import { errnoOf, SigilError } from "@sigil/core/plain";
import { repairSpool, type RepairResult, type SpoolReport } from "@sigil/spool";
import { fail } from "../../errors.ts";
import { loadHasher } from "@sigil/ports/hash";
import { agentLock } from "../../lock.ts";
import { note, type CommandContext } from "../context.ts";
import { plainest } from "../exit.ts";
import { countingFiles } from "../counting.ts";

export interface RepairFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `sigil spool repair`; only while no agent runs. @throws SIGIL_AGENT_RUNNING, SIGIL_SPOOL_* */
export async function repair({ config }: CommandContext, flags: RepairFlags): Promise<number> {
  const progress = startProgress((bytes) => `read ${bytesText(bytes)}`);
  const result = await repairSpool({
    dir: config.paths.spool,
    hash: loadHasher(),
    lock: agentLock,
    clock: { now: () => Date.now() },
    dryRun: flags.dryRun === true,
    files: countingFiles((bytes) => progress.add(bytes)),
  })
    .catch((error: unknown) => {
      throw stopFirst(plainest(error));
    })
    .finally(() => progress.end());
  if (flags.json) printJson(result);
  else printResult(result);
  return EXIT.ok;
}

function stopFirst(error: unknown): unknown {
  if (!(error instanceof SigilError) || errnoOf(error) !== "SIGIL_AGENT_RUNNING") return error;
  return fail("SIGIL_AGENT_RUNNING", "an agent works on this spool; it cannot be repaired now", {
    cause: error,
    hint: "stop the agent first; `sigil spool verify` may run beside it",
  });
}

function printResult({ dry_run, actions, reports }: RepairResult): void {
  const rows = [
    ...actions.map(({ kind, segment, detail }) => [kind, segment ?? "spool", printable(detail)]),
    ...reports.map((report) => [report.kind, segmentOf(report), detailOf(report)]),
  ];
  for (const line of alignColumns(rows)) print(line);
  if (rows.length === 0) print("nothing to repair");
  else if (dry_run) note("nothing was changed; run it without --dry-run to repair");
  else note("`sigil spool verify` tells what is left");
}

function segmentOf(report: SpoolReport): string {
  return "segment" in report ? report.segment : "spool";
}

/** The facts of a report as `name value` pairs. */
function detailOf(report: SpoolReport): string {
  return Object.entries(report)
    .filter(([name, value]) => name !== "kind" && name !== "segment" && value !== null)
    .map(([name, value]) => printable(`${name} ${value}`))
    .join(", ");
}
