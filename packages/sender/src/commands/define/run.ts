import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { RunFlags } from "../run.ts";

export const defineRun: Define = (program, act) => {
  program
    .command("run")
    .description(
      "ship events and fetch policy until stopped (SIGHUP reads the configuration again)",
    )
    .option("--server <url>", "where batches go, instead of server.url")
    .addHelpText("after", examples("sigil-sender run", "sigil-sender --mode system run"))
    .action(
      act(async (context: CommandContext, flags: RunFlags) => {
        const { run } = await import("../run.ts");
        return run(context, flags);
      }),
    );
};
