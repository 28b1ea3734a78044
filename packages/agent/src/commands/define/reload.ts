import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { ReloadFlags } from "../reload.ts";

export const defineReload: Define = (program, act) => {
  program
    .command("reload")
    .description("have the running agent read its policy file again")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil reload", "sigil --mode system reload"))
    .action(
      act(async (context: CommandContext, flags: ReloadFlags) => {
        const { reload } = await import("../reload.ts");
        return reload(context, flags);
      }),
    );
};
