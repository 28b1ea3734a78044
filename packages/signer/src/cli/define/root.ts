import { examples, wholeNumber } from "@sigil/cli/command";
import { Option } from "commander";
import type { Define } from "../act.ts";
import type { InitFlags, RotateFlags, TrustFlags } from "../commands/root.ts";
import { KEY_OPTION, OUT_OPTION, PASSPHRASE_OPTION, repeated } from "./options.ts";

const counted = (flags: string, description: string) =>
  new Option(flags, description).argParser(wholeNumber(1));
const expires = () =>
  new Option("--expires <when>", "12h, 90d, 8w, 1y, or a date").makeOptionMandatory();

const validFrom = () =>
  repeated("--valid-from <key=time>", "signatures of this key count from then on; may be repeated");
const validUntil = () =>
  repeated("--valid-until <key=time>", "signatures of this key count until then; may be repeated");

export const defineRoot: Define = (program, act) => {
  const root = program.command("root").description("make, hand over and install trust roots");
  defineInit(root, act);
  defineRotate(root, act);
  defineTrust(root, act);
};

const defineInit: Define = (root, act) => {
  root
    .command("init")
    .description("make the first trust root")
    .addOption(
      counted("--root-version <n>", "to start over above what hosts know already").default(1),
    )
    .addOption(repeated("--root-key <pub>", "may make new trust roots").makeOptionMandatory())
    .addOption(counted("--root-threshold <n>", "how many of them it takes").default(1))
    .addOption(repeated("--policy-key <pub>", "may sign policies").makeOptionMandatory())
    .addOption(counted("--policy-threshold <n>", "how many of them it takes").default(1))
    .addOption(expires())
    .addOption(validFrom())
    .addOption(validUntil())
    .addOption(KEY_OPTION())
    .addOption(PASSPHRASE_OPTION())
    .addOption(OUT_OPTION())
    .addHelpText(
      "after",
      examples(
        "sigil-sign root init --root-key root.key.pub --policy-key policy.key.pub --expires 1y --key root.key --out root-1.json",
      ),
    )
    .action(
      act(async (flags: InitFlags) => {
        const { initRoot } = await import("../commands/root.ts");
        return initRoot(flags);
      }),
    );
};

const defineRotate: Define = (root, act) => {
  root
    .command("rotate")
    .description("make the next trust root: the same keys but for what is said, a new expiry")
    .argument("<root>", "the newest trust root")
    .addOption(repeated("--add-root-key <pub>", "public key file; may be repeated"))
    .addOption(repeated("--remove-root-key <key>", "public key file or keyid; may be repeated"))
    .addOption(counted("--root-threshold <n>", "(default: as before)"))
    .addOption(repeated("--add-policy-key <pub>", "public key file; may be repeated"))
    .addOption(repeated("--remove-policy-key <key>", "public key file or keyid; may be repeated"))
    .addOption(counted("--policy-threshold <n>", "(default: as before)"))
    .addOption(expires())
    .addOption(validFrom())
    .addOption(validUntil())
    .addOption(KEY_OPTION())
    .addOption(PASSPHRASE_OPTION())
    .addOption(OUT_OPTION())
    .addHelpText(
      "after",
      examples(
        "sigil-sign root rotate root-1.json --remove-policy-key old.key.pub --add-policy-key new.key.pub --expires 1y --key root.key --out root-2.json",
      ),
    )
    .action(
      act(async (file: string, flags: RotateFlags) => {
        const { rotateRoot } = await import("../commands/root.ts");
        return rotateRoot(file, flags);
      }),
    );
};

const defineTrust: Define = (root, act) => {
  root
    .command("trust")
    .description("make the file that is installed on hosts")
    .argument("<root>", "the trust root they are to start from")
    .requiredOption("--tenant <name>", "whose hosts they are")
    .addOption(repeated("--group <name>", "a group they are in; may be repeated"))
    .addOption(OUT_OPTION())
    .addHelpText(
      "after",
      examples("sigil-sign root trust root-1.json --tenant acme --group eng --out trust.json"),
    )
    .action(
      act(async (file: string, flags: TrustFlags) => {
        const { installTrust } = await import("../commands/root.ts");
        return installTrust(file, flags);
      }),
    );
};
