import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { DoctorFlags } from "../doctor.ts";

export const defineDoctor: Define = (program, act) => {
  program
    .command("doctor")
    .description("look for what keeps the server from working; changes nothing")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `\nExit code: 0 fine, 1 warnings, 2 errors.\n${examples("sigil-server doctor", "sigil-server --mode system doctor --json")}`,
    )
    .action(
      act(async (context: CommandContext, flags: DoctorFlags) => {
        const { doctor } = await import("../doctor.ts");
        return doctor(context, flags);
      }),
    );
};
