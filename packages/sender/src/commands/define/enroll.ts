import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";
import type { EnrollFlags } from "../enroll.ts";

export const defineEnroll: Define = (program, act) => {
  program
    .command("enroll")
    .description(
      "have the server issue this host's certificate; the key is made here and stays here",
    )
    .requiredOption("--server <url>", "the server's API, https://…")
    .option("--token-file <file>", "file with the operator's token (SIGIL_ENROLL_TOKEN)")
    .option(
      "--ca <file>",
      "authority of the API's certificate, PEM (default: ca.pem in the TLS directory)",
    )
    .option("--host-id <id>", "host id (default: the agent's)")
    .option("--force", "replace a certificate that is there")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        "sigil-sender enroll --server https://sigil.example.com:8444 --token-file token --ca ca.pem",
        "SIGIL_ENROLL_TOKEN=… sigil-sender --mode system enroll --server https://sigil.example.com:8444",
      ),
    )
    .action(
      act(async (context: CommandContext, flags: EnrollFlags) => {
        const { enroll } = await import("../enroll.ts");
        return enroll(context, flags);
      }),
    );
};
