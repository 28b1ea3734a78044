import { examples } from "@sigil/cli/command";
import { Option } from "commander";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { ScanFlags } from "../scan.ts";

const FORMATS = ["table", "json", "jsonl", "sarif"];
const BANDS = ["low", "medium", "high", "critical"];

const NOTES = `
Without --project the home is scanned, with every project its tools remember, those under the
workspaces of the policy, and the git checkout of the working directory when that is in the home.
It needs no running agent, changes nothing and runs nothing of what it reads.

Exit code: 0 fine, 1 a file's band is at or over --fail-on.
`;

export const defineScan: Define = (program, act) => {
  program
    .command("scan")
    .description("say how risky the guard files of a home and its projects are, and why")
    .option("--home <dir>", "home whose tools are looked at (default: your own)")
    .option("--project <dir>", "only this project beside the home; may be repeated", collect, [])
    .addOption(new Option("--format <format>", "how to print").choices(FORMATS).default("table"))
    .option("--json", "the same as --format json")
    .addOption(new Option("--fail-on <band>", "exit 1 at this band or over").choices(BANDS))
    .option("-v, --verbose", "in the table also every reason, control and notice")
    .option("--no-color", "no color, also on a terminal")
    .addHelpText(
      "after",
      NOTES +
        examples(
          "sigil scan",
          "sigil scan --project . --fail-on high",
          "sigil scan --format sarif > sigil.sarif",
        ),
    )
    .action(
      act(async (context: CommandContext, flags: ScanFlags) => {
        const { scan } = await import("../scan.ts");
        return scan(context, flags);
      }),
    );
};

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
