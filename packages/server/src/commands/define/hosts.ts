import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { HostsFlags } from "../hosts.ts";

export const defineHosts: Define = (program, act) => {
  program
    .command("hosts")
    .description("list the hosts: enrolled, heard of, silent")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil-server hosts", "sigil-server hosts --json"))
    .action(
      act(async (context: CommandContext, flags: HostsFlags) => {
        const { hosts } = await import("../hosts.ts");
        return hosts(context, flags);
      }),
    );
};
