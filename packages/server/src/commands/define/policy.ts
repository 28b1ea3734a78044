import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { PublishFlags } from "../policy.ts";

export const definePolicy: Define = (program, act) => {
  const policy = program.command("policy").description("signed policy that hosts are given");
  policy
    .command("publish")
    .description("serve a signed policy to the hosts of a group, from now on")
    .argument("<file>", "delivery or policy envelope, as `sigil-sign` wrote it")
    .option(
      "--group <name>",
      "the group; `default` serves those without a policy of their own",
      "default",
    )
    .option("--trust <file>", "trust.json of a host: warns when such a host would refuse it")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        "sigil-server policy publish delivery.json",
        "sigil-server policy publish delivery.json --group eng --trust trust.json",
      ),
    )
    .action(
      act(async (context: CommandContext, file: string, flags: PublishFlags) => {
        const { publishPolicy } = await import("../policy.ts");
        return publishPolicy(context, file, flags);
      }),
    );
  policy
    .command("list")
    .description("list what is published")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil-server policy list"))
    .action(
      act(async (context: CommandContext, flags: { json?: boolean }) => {
        const { listPolicies } = await import("../policy.ts");
        return listPolicies(context, flags);
      }),
    );
  policy
    .command("remove")
    .description("serve a group no policy of its own any more; hosts keep what they have")
    .requiredOption("--group <name>", "the group")
    .addHelpText("after", examples("sigil-server policy remove --group eng"))
    .action(
      act(async (context: CommandContext, flags: { group: string }) => {
        const { removePolicy } = await import("../policy.ts");
        return removePolicy(context, flags);
      }),
    );
};
