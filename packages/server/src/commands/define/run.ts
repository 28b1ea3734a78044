import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";

export const defineRun: Define = (program, act) => {
  program
    .command("run")
    .description("serve until stopped (SIGHUP reads the certificates again)")
    .addHelpText("after", examples("sigil-server run", "sigil-server --mode system run"))
    .action(
      act(async (context: CommandContext) => {
        const { run } = await import("../run.ts");
        return run(context);
      }),
    );
};
