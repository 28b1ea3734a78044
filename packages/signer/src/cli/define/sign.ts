import { wholeNumber, examples } from "@sigil/cli/command";
import { Option } from "commander";
import { PLATFORMS } from "../../metadata.ts";
import type { Define } from "../act.ts";
import type { CosignFlags } from "../commands/cosign.ts";
import type { SignFlags } from "../commands/sign.ts";
import { KEY_OPTION, OUT_OPTION, PASSPHRASE_OPTION, repeated } from "./options.ts";

export const defineSign: Define = (program, act) => {
  program
    .command("sign")
    .description("seal a policy for a tenant, or for some of its hosts")
    .argument("<policy>", "the policy file")
    .addOption(KEY_OPTION())
    .addOption(PASSPHRASE_OPTION())
    .requiredOption("--policy-version <n>", "higher than the last one's", wholeNumber(1))
    .requiredOption("--expires <when>", "12h, 90d, 8w, 1y, or a date")
    .requiredOption("--tenant <name>", "whose hosts it is for")
    .addOption(repeated("--group <name>", "only hosts of this group; may be repeated"))
    .addOption(repeated("--host <id>", "only this host, beside the groups; may be repeated"))
    .addOption(
      new Option("--platform <name>", "only hosts of this platform")
        .choices([...PLATFORMS])
        .default("any"),
    )
    .option("--rubric <file>", "weights of the rubric, sealed with the policy")
    .option("--no-check", "do not look whether the policy is valid")
    .addOption(OUT_OPTION())
    .addHelpText(
      "after",
      examples(
        "sigil-sign sign policy.yaml --key policy.key --policy-version 7 --expires 90d --tenant acme --out policy-7.json",
      ),
    )
    .action(
      act(async (file: string, flags: SignFlags) => {
        const { sign } = await import("../commands/sign.ts");
        return sign(file, flags);
      }),
    );
};

export const defineCosign: Define = (program, act) => {
  program
    .command("cosign")
    .description("add a signature to a sealed policy or trust root")
    .argument("<envelope>", "the file, which is signed in place unless --out is given")
    .addOption(KEY_OPTION())
    .addOption(PASSPHRASE_OPTION())
    .option("--out <file>", "where to write it (default: the file itself)")
    .addHelpText(
      "after",
      examples(
        "sigil-sign inspect policy-7.json",
        "sigil-sign cosign policy-7.json --key second.key",
      ),
    )
    .action(
      act(async (file: string, flags: CosignFlags) => {
        const { cosign } = await import("../commands/cosign.ts");
        return cosign(file, flags);
      }),
    );
};
