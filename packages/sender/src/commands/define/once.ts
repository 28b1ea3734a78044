import { examples, wholeNumber } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { OnceFlags } from "../once.ts";

export const defineOnce: Define = (program, act) => {
  program
    .command("once")
    .description("ship what there is now, then end")
    .option("--server <url>", "where batches go, instead of server.url")
    .option("--attempts <n>", "give up after so many in a row came to nothing", wholeNumber(1), 5)
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `\nExit code: 0 everything is delivered, 1 something is not.\n${examples("sigil-sender once", "sigil-sender once --json")}`,
    )
    .action(
      act(async (context: CommandContext, flags: OnceFlags) => {
        const { once } = await import("../once.ts");
        return once(context, flags);
      }),
    );
};
