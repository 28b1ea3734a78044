import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { InspectFlags } from "../commands/inspect.ts";
import { JSON_OPTION } from "./options.ts";

export const defineInspect: Define = (program, act) => {
  program
    .command("inspect")
    .description("show what a file says; verifies nothing")
    .argument("<file>", "a sealed policy, a trust root or a delivery")
    .addOption(JSON_OPTION())
    .addHelpText("after", examples("sigil-sign inspect policy-7.json"))
    .action(
      act(async (file: string, flags: InspectFlags) => {
        const { inspect } = await import("../commands/inspect.ts");
        return inspect(file, flags);
      }),
    );
};
