import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { KeygenFlags } from "../commands/keygen.ts";
import { JSON_OPTION, PASSPHRASE_OPTION } from "./options.ts";

export const defineKeygen: Define = (program, act) => {
  program
    .command("keygen")
    .description("make a key: FILE, which only you can read, and FILE.pub")
    .requiredOption("--out <file>", "where the secret key goes; nothing is overwritten")
    .addOption(PASSPHRASE_OPTION())
    .option("--no-passphrase", "leave the secret key unencrypted")
    .addOption(JSON_OPTION())
    .addHelpText(
      "after",
      examples(
        "sigil-sign keygen --out policy.key",
        "sigil-sign keygen --out ci.key --no-passphrase",
      ),
    )
    .action(
      act(async (flags: KeygenFlags) => {
        const { keygen } = await import("../commands/keygen.ts");
        return keygen(flags);
      }),
    );
};
