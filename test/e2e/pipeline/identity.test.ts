import { copyFileSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createAuthority, type IssuedPair } from "@sigil/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { ofKind, readSpool } from "../events.ts";
import { eventually } from "../harness.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import type { FleetHost } from "./host.ts";
import { expectCleanLedger } from "./load.ts";
import { FaultyProxy } from "./proxy.ts";
import { arrived, expectExactlyOnce, storedCount, storedRows } from "./stored.ts";
import { craft, lineOf, linesOf, speakAs } from "./wire.ts";

/** The sender's notes about connections that could not be trusted or were not let in. */
async function failures(host: FleetHost): Promise<string[]> {
  const notes = await readSpool(join(host.senderDir, "notes"));
  return ofKind(notes, "tls_failure").map(({ cause }) => cause);
}

async function toldOf(host: FleetHost, cause: string): Promise<void> {
  await eventually(async () => (await failures(host)).includes(cause));
}

/** Puts another certificate in place as whoever renews one does: the key first, then the certificate. */
function install(host: FleetHost, pair: Pick<IssuedPair, "certPem" | "keyPem">): void {
  for (const [file, text] of [
    [host.tls.key, pair.keyPem],
    [host.tls.certificate, pair.certPem],
  ] as const) {
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}

async function issue(fleet: Fleet, hostId: string): Promise<IssuedPair> {
  const dir = mkdtempSync(join(fleet.root, "issued-"));
  const told = await fleet.command(["ca", "issue", "--host", hostId, "--out-dir", dir, "--json"]);
  const { serial } = JSON.parse(told) as { readonly serial: string };
  const read = (name: string) => readFileSync(join(dir, name), "utf8");
  return { certPem: read("host.pem"), keyPem: read("host.key"), serial };
}

async function serialOf(host: FleetHost): Promise<string> {
  return (await host.status()).certificate.serial;
}

/** Counts connections to the server: none is made where something is refused before connecting. */
async function watched(fleet: Fleet): Promise<FaultyProxy> {
  const proxy = await new FaultyProxy(fleet.ingest).listen();
  onTestFinished(() => proxy.close());
  return proxy;
}

describe("a host's certificate", () => {
  it("is exchanged under load without a restart and without loss", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    await fleet.serve();
    const filler = host.fill.start();
    const sender = host.send();
    await eventually(() => storedCount(fleet.db, "h1") > 100);
    const old = await serialOf(host);
    const renewed = await issue(fleet, "h1");
    expect(renewed.serial).not.toBe(old);
    install(host, renewed);
    await sender.said("the certificate in use was replaced");
    await eventually(async () => (await serialOf(host)) === renewed.serial);
    await fleet.command(["ca", "revoke", old, "--why", "renewed"]);
    const stored = storedCount(fleet.db, "h1");
    await eventually(() => storedCount(fleet.db, "h1") > stored + 200);
    expect(sender.over()).toBeNull();
    await filler.stop();
    await arrived(host);
    await expectCleanLedger(host, await expectExactlyOnce(host));
    expect(await failures(host)).toEqual([]);
  });

  it("that has expired is refused here: nothing connects, and the notes say why", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    const proxy = await watched(fleet);
    const authority = await createAuthority();
    install(host, await authority.issueHost("h1", { expired: true }));
    host.configure({}, proxy.port);
    await fleet.serve();
    await host.fill.start({ events: 100 }).ended;
    host.send();
    await toldOf(host, "own_certificate_expired");
    expect(proxy.connections).toBe(0);
    expect(host.checkpoint()).toBe(0);

    install(host, await issue(fleet, "h1"));
    await arrived(host);
    expect(await expectExactlyOnce(host)).toBe(100);
    // What it told of itself is on the server as well, now that it can be.
    await eventually(() =>
      storedRows(fleet.db, "h1", "sender").some(({ kind }) => kind === "tls_failure"),
    );
  });

  it("that is revoked under load: its connection is closed at once, and nothing is acknowledged after", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    const proxy = await watched(fleet);
    host.configure({}, proxy.port);
    const server = await fleet.serve();
    const filler = host.fill.start();
    host.send();
    await eventually(() => storedCount(fleet.db, "h1") > 100);
    expect(proxy.connections).toBe(1);
    await fleet.command(["ca", "revoke", "--host", "h1", "--why", "stolen"]);
    const stored = storedCount(fleet.db, "h1");
    const checkpoint = () => host.checkpoint();
    await toldOf(host, "own_certificate_revoked");
    await server.said("closed a host's connection");
    await eventually(() => proxy.connections > 1);

    const filled = host.fill.count();
    const before = checkpoint();
    const storedNow = storedCount(fleet.db, "h1");
    await eventually(() => host.fill.count() > filled + 500);
    expect(storedCount(fleet.db, "h1")).toBe(storedNow);
    expect(checkpoint()).toBe(before);
    // What the command's answer left time for: no more than was under way.
    expect(storedNow - stored).toBeLessThanOrEqual(1000);

    install(host, await issue(fleet, "h1"));
    await filler.stop();
    await arrived(host);
    await expectCleanLedger(host, await expectExactlyOnce(host));
  });

  it("of a server that this host does not trust: nothing is sent", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    const proxy = await watched(fleet);
    const authority = await createAuthority();
    writeFileSync(host.tls.ca, authority.caPem);
    host.configure({}, proxy.port);
    await fleet.serve();
    await host.fill.start({ events: 200, append: 200 }).ended;
    host.send();
    await toldOf(host, "server_certificate_untrusted");
    // A handshake's worth, and neither the certificate of the host nor a line.
    expect(proxy.bytesUp / proxy.connections).toBeLessThan(2500);
    expect(storedCount(fleet.db, "h1")).toBe(0);
    writeFileSync(host.tls.ca, fleet.caPem);
    await arrived(host);
    expect(await expectExactlyOnce(host)).toBe(200);
  });
});

describe("a host that claims another's id", () => {
  it("is stopped by its own sender when all its events are another's", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    const other = fleet.host("h2");
    copyFileSync(other.tls.certificate, host.tls.certificate);
    copyFileSync(other.tls.key, host.tls.key);
    await fleet.serve();
    await host.fill.start({ events: 100 }).ended;
    host.send();
    await toldOf(host, "own_certificate_other_host");
    expect(storedCount(fleet.db, "h1")).toBe(0);
    expect(storedCount(fleet.db, "h2")).toBe(0);
    expect(host.checkpoint()).toBe(0);
  });

  it("is refused by the server, the batch or the single event", async () => {
    const fleet = await createFleet();
    await fleet.serve();
    const wire = speakAs(fleet.host("h1"));
    const claimed = craft(linesOf("h2", 3), { host: "h2", first: 1 });
    expect(await wire.post(claimed.body)).toMatchObject({
      status: 403,
      body: { type: "urn:sigil:problem:identity-mismatch" },
    });
    const smuggled = craft([lineOf("h1"), lineOf("h2")], { host: "h1", first: 1 });
    expect((await wire.post(smuggled.body)).body).toMatchObject({
      accepted: 1,
      rejected: [{ sequence: 2, reason: "host_id_mismatch" }],
    });
    expect(storedCount(fleet.db, "h2")).toBe(0);
    expect(storedRows(fleet.db, "h1")).toHaveLength(1);
  });
});

describe("two hosts with one id", () => {
  it("show in the ledger, and neither loses anything", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    const twin = fleet.host("h1", "twin");
    await fleet.serve();
    for (const one of [host, twin]) one.send();
    const isTwin = async () => (await fleet.ledger("h1")).duplicate_identity;
    for (let turn = 0; turn < 3; turn += 1) {
      for (const one of [host, twin]) {
        await one.fill.start({ events: 50 }).ended;
        const sent = host.fill.count() + twin.fill.count();
        await eventually(() => storedCount(fleet.db, "h1") === sent);
      }
      // One spool after another is a reinstallation: only turns make two machines.
      if (turn === 0) expect(await isTwin()).toBe(false);
    }
    expect(await isTwin()).toBe(true);
    const { spools } = await fleet.ledger("h1");
    const agents = spools.filter(({ stream }) => stream === "agent");
    expect(agents.map(({ events, gaps, forks }) => [events, gaps, forks])).toEqual([
      [150, [], 0],
      [150, [], 0],
    ]);
  });
});
