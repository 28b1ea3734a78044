import { examples } from "@sigil/cli/command";
import type { Command } from "commander";
import type { Act, Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { ExportFlags, ListFlags, ShowFlags } from "../quarantine.ts";

export const defineQuarantine: Define = (program, act) => {
  const quarantine = program
    .command("quarantine")
    .description("what the server refused; it is kept, never lost in silence");
  defineList(quarantine, act);
  defineShow(quarantine, act);
  defineExport(quarantine, act);
};

function defineList(quarantine: Command, act: Act): void {
  quarantine
    .command("list")
    .description("every entry: when, which event, why")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil-sender quarantine list"))
    .action(
      act(async (context: CommandContext, flags: ListFlags) => {
        const { list } = await import("../quarantine.ts");
        return list(context, flags);
      }),
    );
}

function defineShow(quarantine: Command, act: Act): void {
  quarantine
    .command("show")
    .description("one entry with what was refused")
    .argument("<id>", "as `quarantine list` shows it")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil-sender quarantine show agent/000000000001.entry"))
    .action(
      act(async (context: CommandContext, id: string, flags: ShowFlags) => {
        const { show } = await import("../quarantine.ts");
        return show(context, id, flags);
      }),
    );
}

function defineExport(quarantine: Command, act: Act): void {
  quarantine
    .command("export")
    .description("print what was refused as JSON lines, oldest first")
    .option("--output <file>", "write a new file instead of standard output")
    .addHelpText("after", examples("sigil-sender quarantine export --output refused.jsonl"))
    .action(
      act(async (context: CommandContext, flags: ExportFlags) => {
        const { exportEntries } = await import("../quarantine.ts");
        return exportEntries(context, flags);
      }),
    );
}
