import { examples, wholeNumber } from "@sigil/cli/command";
import type { Command } from "commander";
import type { Act, Define } from "../act.ts";
import type { InitFlags, ServerFlags } from "../ca/init.ts";
import type { IssueFlags } from "../ca/issue.ts";
import type { AdoptFlags, RevokeFlags } from "../ca/register.ts";
import type { CommandContext } from "../context.ts";

export const defineCa: Define = (program, act) => {
  const ca = program.command("ca").description("the server's own certificate authority");
  defineInit(ca, act);
  defineServer(ca, act);
  defineIssue(ca, act);
  defineRevoke(ca, act);
  defineAdopt(ca, act);
  defineList(ca, act);
};

function defineInit(ca: Command, act: Act): void {
  ca.command("init")
    .description("make the CA, and a certificate for this server")
    .option("--name <text>", "what the CA is called", "Sigil CA")
    .option("--days <count>", "how long it is valid", wholeNumber(1), 3650)
    .option(
      "--server-name <name...>",
      "DNS names and addresses of this server, beside those of loopback",
    )
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        "sigil-server ca init",
        "sigil-server ca init --name Acme --server-name sigil.example",
      ),
    )
    .action(
      act(async (context: CommandContext, flags: InitFlags) => {
        const { initCa } = await import("../ca/init.ts");
        return initCa(context, flags);
      }),
    );
}

function defineServer(ca: Command, act: Act): void {
  ca.command("server")
    .description("make this server a new certificate; SIGHUP has a running one use it")
    .option("--name <name...>", "DNS names and addresses (default: those of the present one)")
    .option(
      "--days <count>",
      "how long it is valid (default: certificates.server_days)",
      wholeNumber(1),
    )
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil-server ca server --name sigil.example --name 192.0.2.7"))
    .action(
      act(async (context: CommandContext, flags: ServerFlags) => {
        const { renewServer } = await import("../ca/init.ts");
        return renewServer(context, flags);
      }),
    );
}

function defineIssue(ca: Command, act: Act): void {
  ca.command("issue")
    .description("issue a host's certificate, with a new key or for a certificate request")
    .option("--host <id>", "the host id (default: the request's)")
    .option("--csr <file>", "certificate request, PEM: the key stays where it was made")
    .option("--group <name>", "the host's group", "default")
    .option(
      "--days <count>",
      "how long it is valid (default: certificates.host_days)",
      wholeNumber(1),
    )
    .option("--out-dir <dir>", "where host.pem, host.key and ca.pem are put", ".")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        "sigil-server ca issue --host a2e1f4c9b8d7 --group eng --out-dir for-a2e1",
        "sigil-server ca issue --csr host.csr",
      ),
    )
    .action(
      act(async (context: CommandContext, flags: IssueFlags) => {
        const { issueHost } = await import("../ca/issue.ts");
        return issueHost(context, flags);
      }),
    );
}

function defineRevoke(ca: Command, act: Act): void {
  ca.command("revoke")
    .description(
      "end a certificate, or all of a host; a running server closes its connections at once",
    )
    .argument("[serial]", "serial number, as `ca list` shows it")
    .option("--host <id>", "all certificates of this host")
    .requiredOption("--why <text>", "the reason, for the record")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples('sigil-server ca revoke --host a2e1f4c9b8d7 --why "laptop stolen"'),
    )
    .action(
      act(async (context: CommandContext, serial: string | undefined, flags: RevokeFlags) => {
        const { revoke } = await import("../ca/register.ts");
        return revoke(context, serial, flags);
      }),
    );
}

function defineAdopt(ca: Command, act: Act): void {
  ca.command("adopt")
    .description("register certificates that were issued elsewhere, or whose registration was lost")
    .argument("<file...>", "certificates, PEM; the CA that the server trusts must have signed them")
    .option("--group <name>", "the hosts' group", "default")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil-server ca adopt host.pem --group eng"))
    .action(
      act(async (context: CommandContext, files: readonly string[], flags: AdoptFlags) => {
        const { adopt } = await import("../ca/register.ts");
        return adopt(context, files, flags);
      }),
    );
}

function defineList(ca: Command, act: Act): void {
  ca.command("list")
    .description("list what was issued")
    .option("--host <id>", "of this host only")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil-server ca list"))
    .action(
      act(async (context: CommandContext, flags: { json?: boolean; host?: string }) => {
        const { listCertificates } = await import("../ca/register.ts");
        return listCertificates(context, flags);
      }),
    );
}
