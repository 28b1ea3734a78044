import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { ValidateFlags } from "../policy.ts";

export const definePolicy: Define = (program, act) => {
  const policy = program.command("policy").description("check policy files");
  policy
    .command("validate")
    .description("check a policy file on top of the built-in policy")
    .argument("<file>", "the policy file")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `\nExit code: 0 valid, 3 not valid.\n${examples("sigil policy validate policy.yaml")}`,
    )
    .action(
      act(async (context: CommandContext, file: string, flags: ValidateFlags) => {
        const { validatePolicy } = await import("../policy.ts");
        return validatePolicy(context, file, flags);
      }),
    );
};
