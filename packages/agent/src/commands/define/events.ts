import { examples, wholeNumber } from "@sigil/cli/command";
import { Option } from "commander";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { EventFlags } from "../show/events.ts";

const SEVERITIES = ["info", "warn", "high", "critical"];

export const defineEvents: Define = (show, act) => {
  show
    .command("events")
    .description("events of the spool, oldest first")
    .option(
      "-n, --lines <count>",
      "the last so many (default 20; all with --since)",
      wholeNumber(1),
    )
    .option("--since <when>", "not older than a duration (90s, 10m, 2h, 7d) or an RFC 3339 time")
    .addOption(new Option("--severity <least>", "of this severity or worse").choices(SEVERITIES))
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
