import { examples } from "@sigil/cli/command";
import { InvalidArgumentError, Option } from "commander";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { RunFlags } from "../run.ts";

export const defineRun: Define = (program, act) => {
  program
    .command("run")
    .description("watch until stopped (SIGHUP reloads the policy)")
    .option("--duration <seconds>", "stop after this time", seconds)
    .option("--poll", "find changes by polling, for filesystems that send no events")
    .addOption(
      new Option(
        "--print <how>",
        "print each event: text, json or none (default: text on a terminal)",
      ).choices(["text", "json", "none"]),
    )
    .addHelpText(
      "after",
      examples("sigil run", "sigil run --print json --duration 60", "sigil --mode system run"),
    )
    .action(
      act(async (context: CommandContext, flags: RunFlags) => {
        const { run } = await import("../run.ts");
        return run(context, flags);
      }),
    );
};

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError("Give a number of seconds above 0.");
  return value;
}
