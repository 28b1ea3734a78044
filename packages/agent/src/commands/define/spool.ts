import { examples, wholeNumber } from "@sigil/cli/command";
import type { Command } from "commander";
import type { Act, Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { ExportFlags } from "../spool/export.ts";
import type { RepairFlags } from "../spool/repair.ts";
import type { VerifyFlags } from "../spool/verify.ts";

export const defineSpool: Define = (program, act) => {
  const spool = program.command("spool").description("check, mend and export the recorded events");
  defineVerify(spool, act);
  defineRepair(spool, act);
  defineExport(spool, act);
};

function defineVerify(spool: Command, act: Act): void {
  spool
    .command("verify")
    .description("check every line, segment and manifest; changes nothing")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `\nExit code: 0 sound, 1 faults found.\n${examples("sigil spool verify", "sigil --events-dir /tmp/copy spool verify --json")}`,
    )
    .action(
      act(async (context: CommandContext, flags: VerifyFlags) => {
        const { verify } = await import("../spool/verify.ts");
        return verify(context, flags);
      }),
    );
}

function defineRepair(spool: Command, act: Act): void {
  spool
    .command("repair")
    .description("make a damaged spool readable again; what does not belong goes to its quarantine")
    .option("--dry-run", "say what would be done and do nothing")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil spool repair --dry-run", "sigil spool repair"))
    .action(
      act(async (context: CommandContext, flags: RepairFlags) => {
        const { repair } = await import("../spool/repair.ts");
        return repair(context, flags);
      }),
    );
}

function defineExport(spool: Command, act: Act): void {
  spool
    .command("export")
    .description("print the recorded events as JSON lines, oldest first")
    .option("--from <sequence>", "first sequence", wholeNumber(1))
    .option("--to <sequence>", "last sequence", wholeNumber(1))
    .option("--output <file>", "write a new file instead of standard output")
    .addHelpText(
      "after",
      examples("sigil spool export --output events.jsonl", "sigil spool export --from 1000 | jq ."),
    )
    .action(
      act(async (context: CommandContext, flags: ExportFlags) => {
        const { exportEvents } = await import("../spool/export.ts");
        return exportEvents(context, flags);
      }),
    );
}
