import { examples } from "@sigil/cli/command";
import { Option } from "commander";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { ExplainFlags } from "../explain.ts";

export const defineExplain: Define = (program, act) => {
  program
    .command("explain")
    .description("the sum behind one file's score, line by line")
    .argument("<path>", "a guard file, or a script that hooks run")
    .option("--home <dir>", "home whose tools are looked at (default: your own)")
    .addOption(
      new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"),
    )
    .option("--json", "the same as --format json")
    .option("--no-color", "no color, also on a terminal")
    .addHelpText(
      "after",
      `\nExit code: 0 explained, 1 no tool reads this file.\n${examples(
        "sigil explain ~/.claude/settings.json",
        "sigil explain .claude/hooks/check.sh --json",
      )}`,
    )
    .action(
      act(async (context: CommandContext, path: string, flags: ExplainFlags) => {
        const { explain } = await import("../explain.ts");
        return explain(context, path, flags);
      }),
    );
};
