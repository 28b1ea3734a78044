import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { BundleFlags } from "../commands/bundle.ts";
import { OUT_OPTION, repeated } from "./options.ts";

export const defineBundle: Define = (program, act) => {
  program
    .command("bundle")
    .description("put together what a server serves")
    .addOption(repeated("--root <file>", "a trust root; repeat it for each up to the newest"))
    .option("--policy <file>", "a sealed policy")
    .addOption(OUT_OPTION())
    .addHelpText(
      "after",
      examples(
        "sigil-sign bundle --root root-1.json --root root-2.json --policy policy-7.json --out delivery.json",
      ),
    )
    .action(
      act(async (flags: BundleFlags) => {
        const { bundle } = await import("../commands/bundle.ts");
        return bundle(flags);
      }),
    );
};
