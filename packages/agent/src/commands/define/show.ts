import { Option } from "commander";
import { examples, wholeNumber, type Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { ConfigFlags } from "../show/config.ts";
import type { EventFlags } from "../show/events.ts";
import type { PathFlags } from "../show/paths.ts";
import type { StatFlags } from "../show/stats.ts";

export const defineShow: Define = (program, act) => {
  const show = program.command("show").description("show what is configured, watched and recorded");
  show
    .command("config")
    .description("every effective value: paths, settings, targets")
    .option("--origin", "say where each value comes from")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil show config --origin", "sigil show config --json"))
    .action(
      act(async (context: CommandContext, flags: ConfigFlags) => {
        const { showConfig } = await import("../show/config.ts");
        return showConfig(context, flags);
      }),
    );
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
  show
    .command("events")
    .description("events of the spool, oldest first")
    .option(
      "-n, --lines <count>",
      "the last so many (default 20; all with --since)",
      wholeNumber(1),
    )
    .option("--since <when>", "not older than a duration (90s, 10m, 2h, 7d) or an RFC 3339 time")
    .addOption(
      new Option("--severity <least>", "of this severity or worse").choices([
        "info",
        "warn",
        "high",
        "critical",
      ]),
    )
    .option("--target <id>", "of this target")
    .option("--kind <kind>", "with this evidence, such as file_change")
    .option("-f, --follow", "go on printing events as they come")
    .option("--json", "print the lines as they are spooled")
    .addHelpText(
      "after",
      examples(
        "sigil show events -n 50",
        "sigil show events --since 1h --severity warn",
        "sigil show events --follow --kind file_change --json",
      ),
    )
    .action(
      act(async (context: CommandContext, flags: EventFlags) => {
        const { showEvents } = await import("../show/events.ts");
        return showEvents(context, flags);
      }),
    );
};
