import { durationText } from "@sigil/cli";
import { proxyFor } from "../sink/proxy.ts";
import { serverOf } from "../config.ts";
import { faultText } from "../sink/policy.ts";
import type { Fault } from "../ports.ts";
import { error, info, ok, warning, type Check } from "./check.ts";

/** The server is reached over mTLS, and takes this host for who it is. */
export const serverCheck: Check = {
  id: "server",
  title: "Server",
  async run(facts) {
    const probe = await facts.probe();
    const { server } = probe;
    if (probe.kind === "fault")
      return error(`${server}: ${faultText(probe.fault)}`, hintFor(probe.fault));
    if (probe.kind === "answered")
      return error(
        `${server} answered ${probe.status} to hello`,
        "check that server.url is a Sigil server's ingest address",
      );
    const { hello, tookMs } = probe;
    return ok(
      `${server} answered in ${Math.round(tookMs)} ms: ${hello.server}, takes this host for ${hello.host_id}, group ${hello.group}`,
    );
  },
};

const TLS_HINTS: Readonly<Partial<Record<string, string>>> = {
  server_certificate_untrusted: "put the CA certificate of the server into server.ca_file",
  server_certificate_expired: "the server needs a new certificate; check this host's clock too",
  server_name_mismatch:
    "use the name in the server's certificate in server.url, or set server.server_name",
  own_certificate_other_host: "enrol this host: `sigil-sender enroll --force`",
};

function hintFor(fault: Fault): string {
  if (fault.kind !== "tls")
    return "check server.url, the network, the proxy and whether the server runs";
  return (
    TLS_HINTS[fault.cause] ??
    "the server does not take this certificate: `sigil-sender enroll --force` gets a new one"
  );
}

/** How the server is reached. */
export const proxyCheck: Check = {
  id: "proxy",
  title: "Proxy",
  async run(facts) {
    const config = await facts.config();
    const proxy = proxyFor(config.settings.server.proxy, serverOf(config), facts.context.env);
    // Without its user and password.
    return info(proxy === null ? "none, directly" : `${proxy.protocol}//${proxy.host}`);
  },
};

/** Certificates and event times are compared between hosts only roughly. Milliseconds. */
const TOLERANCE_MS = 60_000;

/** This host's clock against the server's. */
export const clockCheck: Check = {
  id: "clock",
  title: "Clock",
  async run(facts) {
    const probe = await facts.probe();
    if (probe.kind !== "greeted") return info("not known: the server was not reached");
    const off = durationText(Math.abs(probe.aheadMs) / 1000);
    if (Math.abs(probe.aheadMs) <= TOLERANCE_MS) return ok(`as the server's, within ${off}`);
    const side = probe.aheadMs > 0 ? "behind" : "ahead of";
    return warning(`${off} ${side} the server's`, "switch on time synchronization");
  },
};
