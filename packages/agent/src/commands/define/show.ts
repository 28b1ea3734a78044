import { examples } from "@sigil/cli/command";
import type { Act, Define } from "../act.ts";
import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import type { ConfigFlags } from "../show/config.ts";
import type { PathFlags } from "../show/paths.ts";
import type { PolicyFlags } from "../show/policy.ts";
import type { RiskFlags } from "../show/risk.ts";
import type { StatFlags } from "../show/stats.ts";
import { defineEvents } from "./events.ts";

export const defineShow: Define = (program, act) => {
  const show = program.command("show").description("show what is configured, watched and recorded");
  defineConfig(show, act);
  definePaths(show, act);
  defineStats(show, act);
  defineEvents(show, act);
  defineRisk(show, act);
  definePolicy(show, act);
};

function defineConfig(show: Command, act: Act): void {
  show
    .command("config")
    .description("every effective value: paths, settings, targets")
    .option("--origin", "say where each value comes from")
    .option("--json", "print JSON (always with origins)")
    .addHelpText("after", examples("sigil show config --origin", "sigil show config --json"))
    .action(
      act(async (context: CommandContext, flags: ConfigFlags) => {
        const { showConfig } = await import("../show/config.ts");
        return showConfig(context, flags);
      }),
    );
}

function definePaths(show: Command, act: Act): void {
  show
    .command("paths")
    .description("every place the policy means on this host, and how it is watched")
    .option("--all", "also what is absent, skipped or disabled")
    .option("--json", "print JSON (always all)")
    .addHelpText("after", examples("sigil show paths", "sigil show paths --all"))
    .action(
      act(async (context: CommandContext, flags: PathFlags) => {
        const { showPaths } = await import("../show/paths.ts");
        return showPaths(context, flags);
      }),
    );
}

function defineStats(show: Command, act: Act): void {
  show
    .command("stats")
    .description("what the running agent says of itself, else its last heartbeat")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil show stats", "sigil show stats --json"))
    .action(
      act(async (context: CommandContext, flags: StatFlags) => {
        const { showStats } = await import("../show/stats.ts");
        return showStats(context, flags);
      }),
    );
}

function defineRisk(show: Command, act: Act): void {
  show
    .command("risk")
    .description("what the agent told last of each guard file")
    .option("-v, --verbose", "also every reason, control and notice")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil show risk", "sigil show risk --json"))
    .action(
      act(async (context: CommandContext, flags: RiskFlags) => {
        const { showRisk } = await import("../show/risk.ts");
        return showRisk(context, flags);
      }),
    );
}

function definePolicy(show: Command, act: Act): void {
  show
    .command("policy")
    .description("the layers of policy in force, signed policy and its trust root")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil show policy", "sigil show policy --json"))
    .action(
      act(async (context: CommandContext, flags: PolicyFlags) => {
        const { showPolicy } = await import("../show/policy.ts");
        return showPolicy(context, flags);
      }),
    );
}
