import { readFileSync } from "node:fs";
import { createAuthority } from "@sigil/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFleet, type Fleet } from "./fleet.ts";
import { Front, mislabeled, ok, otherBatch, status, truncated, type Stunt } from "./front.ts";
import type { FleetHost } from "./host.ts";
import { expectCleanLedger } from "./load.ts";
import { arrived, expectExactlyOnce } from "./stored.ts";

/** A front with a certificate of another CA, which the host trusts too. */
async function frontOf(fleet: Fleet, host: FleetHost): Promise<Front> {
  const authority = await createAuthority({ name: "Front" });
  const { certPem, keyPem } = await authority.issueServer();
  host.write(".config/sigil/tls/ca.pem", fleet.caPem + authority.caPem);
  const cert = readFileSync(host.tls.certificate, "utf8");
  const key = readFileSync(host.tls.key, "utf8");
  const upstream = { port: fleet.ingest, ca: fleet.caPem, cert, key };
  const front = await new Front({ certPem, keyPem, upstream }).listen();
  onTestFinished(() => front.close());
  return front;
}

const SOON = { "retry-after": "1" };
const STUNTS: readonly (readonly [string, readonly Stunt[]])[] = [
  ["500 and 502", [status(500), status(502)]],
  ["503 and 429 with Retry-After", [status(503, SOON), status(429, SOON)]],
  [
    "413, 400, 404 and 403 of something between",
    [413, 413, 400, 404, 403].map((code) => status(code)),
  ],
  ["200 with garbage", [ok("<html>Welcome to the airport</html>", "text/html"), ok("{}"), ok("")]],
  ["what is truncated, of the wrong type or of another batch", [truncated, mislabeled, otherBatch]],
];

describe("a server, or what stands before it, that answers", () => {
  it.each(STUNTS)("%s: nothing is lost, twice or given up", async (_, stunts) => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    const front = await frontOf(fleet, host);
    host.configure({ batch: { max_events: 200 } }, front.port);
    // The first upload goes through, so that the trouble comes in the middle.
    front.stunts = [
      async (response, forward) => {
        const { status: code, headers, body } = await forward();
        response.writeHead(code, headers).end(body);
      },
      ...stunts,
    ];
    await fleet.serve();
    await host.fill.start({ events: 1000, append: 500, pause_ms: 0 }).ended;
    host.send();
    await arrived(host);
    expect(front.stunts).toEqual([]);
    expect(await expectExactlyOnce(host)).toBe(1000);
    await expectCleanLedger(host, 1000);
    const kept = await host.command(["quarantine", "list", "--json"]);
    expect(JSON.parse(kept.out)).toEqual([]);
  });
});
