import {
  EXIT,
  print,
  printJson,
  printable,
  alignColumns,
  bytesText,
  countText,
  startProgress,
} from "@sigil/cli";
import { verifySpool, type Fault, type VerifyReport } from "@sigil/spool";
import { loadHasher } from "@sigil/ports/hash";
import type { CommandContext } from "../context.ts";
import { countingFiles } from "../counting.ts";

export interface VerifyFlags {
  readonly json?: boolean;
}

/** `sigil spool verify`. @returns 1 when there are faults @throws SIGIL_SPOOL_* */
export async function verify({ config }: CommandContext, flags: VerifyFlags): Promise<number> {
  const progress = startProgress((bytes) => `checked ${bytesText(bytes)}`);
  const files = countingFiles((bytes) => progress.add(bytes));
  const report = await verifySpool(config.paths.spool, { hash: loadHasher(), files }).finally(() =>
    progress.end(),
  );
  if (flags.json) printJson(report);
  else printReport(report, config.paths.spool);
  return report.ok ? EXIT.ok : EXIT.negative;
}

function printReport(report: VerifyReport, dir: string): void {
  for (const line of alignColumns(report.faults.map(rowOf))) print(line);
  const unlisted = report.faults_total - report.faults.length;
  if (unlisted > 0) print(`and ${countText(unlisted, "more fault")}`);
  const verdict = report.ok ? "sound" : countText(report.faults_total, "fault");
  const segments = countText(report.segments, "segment");
  const lines = countText(report.lines, "line");
  print(`${printable(dir)}: ${verdict}; ${segments}, ${lines}, ${bytesText(report.bytes)}`);
  if (report.first_sequence !== null)
    print(
      `  spool ${report.spool_id ?? "without an id"}, sequences ${report.first_sequence} to ${report.last_sequence}`,
    );
}

function rowOf({ kind, segment, sequence, detail }: Fault): string[] {
  const where = sequence === null ? (segment ?? "spool") : `${segment}:${sequence}`;
  return [kind, where, printable(detail)];
}
