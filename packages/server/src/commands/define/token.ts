import { examples, wholeNumber } from "@sigil/cli/command";
import { Option, type Command } from "commander";
import type { Act, Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { CreateFlags } from "../token.ts";

export const defineToken: Define = (program, act) => {
  const token = program.command("token").description("bearer tokens of the API");
  defineCreate(token, act);
  token
    .command("list")
    .description("list the tokens; their secrets are not kept")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil-server token list"))
    .action(
      act(async (context: CommandContext, flags: { json?: boolean }) => {
        const { listTokens } = await import("../token.ts");
        return listTokens(context, flags);
      }),
    );
  token
    .command("revoke")
    .description("end a token at once")
    .argument("<id>", "its id, as `token list` shows it")
    .addHelpText("after", examples("sigil-server token revoke 5f0c9b1d22aa"))
    .action(
      act(async (context: CommandContext, id: string) => {
        const { revokeToken } = await import("../token.ts");
        return revokeToken(context, id);
      }),
    );
};

function defineCreate(token: Command, act: Act): void {
  const scopes = ["read", "enroll", "metrics"];
  token
    .command("create")
    .description("make a token and print its secret, once")
    .addOption(
      new Option("--scope <scope...>", "what it allows").choices(scopes).makeOptionMandatory(),
    )
    .option("--group <name>", "group of the hosts it enrolls (default: default)")
    .option("--uses <count>", "hosts it may enroll", wholeNumber(1))
    .option("--replace", "it may also enroll hosts that have a certificate")
    .option(
      "--days <count>",
      "days until it ends (default: 7 with the scope enroll, else none)",
      wholeNumber(1),
    )
    .option("--label <text>", "what it is for", "")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        "sigil-server token create --scope read --label dashboard",
        "sigil-server token create --scope enroll --group eng --uses 20 --days 2",
      ),
    )
    .action(
      act(async (context: CommandContext, flags: CreateFlags) => {
        const { createToken } = await import("../token.ts");
        return createToken(context, flags);
      }),
    );
}
