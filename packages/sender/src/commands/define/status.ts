import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { StatusFlags } from "../status.ts";

export const defineStatus: Define = (program, act) => {
  program
    .command("status")
    .description("whether the sender runs and ships, and how far behind it is")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `\nExit code: 0 shipping or nothing to ship, 1 not shipping, or not running with events to ship.\n${examples("sigil-sender status", "sigil-sender status --json")}`,
    )
    .action(
      act(async (context: CommandContext, flags: StatusFlags) => {
        const { status } = await import("../status.ts");
        return status(context, flags);
      }),
    );
};
