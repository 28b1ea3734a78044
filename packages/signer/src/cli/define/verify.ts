import { examples } from "@sigil/cli/command";
import { Option } from "commander";
import type { Define } from "../act.ts";
import type { VerifyFlags } from "../commands/verify.ts";
import { JSON_OPTION } from "./options.ts";

export const defineVerify: Define = (program, act) => {
  program
    .command("verify")
    .description("say what a host that starts from a trust file would say")
    .argument("<file>", "a sealed policy, a trust root or a delivery")
    .requiredOption("--trust <file>", "the host's trust.json")
    .option("--host <id>", "the host's id, for a policy that names hosts")
    .addOption(
      new Option("--platform <name>", "the host's platform (default: this one)").choices([
        "linux",
        "macos",
        "windows",
      ]),
    )
    .option("--at <time>", "the host's time (default: now)")
    .addOption(JSON_OPTION())
    .addHelpText(
      "after",
      `\nExit code: 0 accepted, 1 refused, with the reason.\n${examples(
        "sigil-sign verify policy-7.json --trust trust.json",
        "sigil-sign verify delivery.json --trust trust.json --at 2027-06-01",
      )}`,
    )
    .action(
      act(async (file: string, flags: VerifyFlags) => {
        const { verify } = await import("../commands/verify.ts");
        return verify(file, flags);
      }),
    );
};
