import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { createAuthority, type Authority } from "@sigil/testkit";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeHome, type Home, type Outcome } from "../kit/home.ts";
import { createReceiver, type Receiver } from "../kit/receiver.ts";

type Check = { readonly id: string; readonly status: string; readonly detail: string };

let authority: Authority;
let home: Home;
let receiver: Receiver;
beforeAll(async () => {
  authority = await createAuthority();
});
beforeEach(async () => {
  home = makeHome();
  receiver = await createReceiver({ authority });
});
afterEach(async () => {
  await home.close();
  await receiver.close();
});

const LONG = { notAfter: new Date(Date.now() + 90 * 86_400_000) };

async function ready(): Promise<void> {
  home.configure({ server: { url: receiver.url } });
  await home.certify(authority, undefined, LONG);
  await home.record(1, 5);
}

function checksOf({ stdout }: Outcome): Map<string, Check> {
  const { checks } = JSON.parse(stdout) as { checks: Check[] };
  return new Map(checks.map((check) => [check.id, check]));
}

async function findAll(id: string): Promise<Check[]> {
  const { stdout } = await home.sender(["doctor", "--json"]);
  const { checks } = JSON.parse(stdout) as { checks: Check[] };
  return checks.filter((check) => check.id === id);
}

async function find(id: string): Promise<Check | undefined> {
  return checksOf(await home.sender(["doctor", "--json"])).get(id);
}

describe("doctor", () => {
  it("finds what is missing where there is nothing, and makes nothing", async () => {
    const outcome = await home.sender(["doctor", "--json"]);
    expect(outcome.code).toBe(2);
    const checks = checksOf(outcome);
    expect(checks.get("config")).toMatchObject({ status: "error" });
    expect(checks.get("certificate")).toMatchObject({ status: "error" });
    expect(checks.get("spool")).toMatchObject({ status: "info" });
    expect(readdirSync(home.dir.path)).toEqual([]);
  });

  it("finds nothing wrong where nothing is, and sends no event", async () => {
    await ready();
    const outcome = await home.sender(["doctor", "--json"]);
    const checks = checksOf(outcome);
    expect(Object.fromEntries([...checks].map(([id, { status }]) => [id, status]))).toMatchObject({
      config: "ok",
      certificate: "ok",
      authority: "ok",
      server: "ok",
      clock: "ok",
      sender: "info",
      agent: "info",
    });
    expect(checks.get("server")?.detail).toContain("takes this host for a2e1f4c9b8d7");
    expect(receiver.asked).toMatchObject([{ method: "GET", url: "/v1/hello" }]);
    expect(receiver.batches).toEqual([]);
  });

  it("prints for people without --json", async () => {
    await ready();
    const { stdout } = await home.sender(["doctor"]);
    expect(stdout).toMatch(/^ok +Server +127\.0\.0\.1:\d+ answered in \d+ ms/m);
    expect(stdout).toMatch(/\d+ ok, \d+ for information/);
  });

  it.each<[string, string, () => unknown, { status: string; detail: string }]>([
    [
      "an unknown key",
      "config",
      () => home.configure({ servr: 1 }),
      { status: "error", detail: "servr" },
    ],
    [
      "a certificate that ends soon",
      "certificate",
      () => home.certify(authority),
      { status: "warning", detail: "left" },
    ],
    [
      "an expired certificate",
      "certificate",
      () => home.certify(authority, undefined, { expired: true }),
      { status: "error", detail: "expired" },
    ],
    [
      "a certificate of another host",
      "certificate",
      () => home.certify(authority, "other", LONG),
      { status: "error", detail: "are of a2e1f4c9b8d7" },
    ],
    [
      "a key that others may read",
      "certificate",
      () => chmodSync(`${home.tls}/host.key`, 0o644),
      { status: "error", detail: "0644" },
    ],
    [
      "a server that hangs up",
      "server",
      () => (receiver.onHello = (_req, res) => Boolean(res.destroy())),
      { status: "error", detail: "" },
    ],
    [
      "a server that is none",
      "server",
      () => (receiver.hello = { status: 200, body: "hi" }),
      { status: "error", detail: "hello-malformed" },
    ],
    [
      "a server that takes us for another",
      "server",
      () => (receiver.hostId = "x"),
      { status: "error", detail: "own_certificate_other_host" },
    ],
    [
      "a state directory open to all",
      "modes",
      () => chmodSync(home.dir.mkdir(".local/state/sigil/sender"), 0o777),
      { status: "warning", detail: "0777" },
    ],
  ])("finds %s", async (_what, id, spoil, expected) => {
    await ready();
    await spoil();
    const detail = expect.stringContaining(expected.detail);
    expect(await findAll(id)).toContainEqual(expect.objectContaining({ ...expected, detail }));
  });

  it("finds a server of another authority", async () => {
    await ready();
    writeFileSync(`${home.tls}/ca.pem`, (await createAuthority()).caPem);
    const found = await find("server");
    expect(found).toMatchObject({ status: "error" });
    expect(found?.detail).toContain("server_certificate_untrusted");
    expect(receiver.asked).toEqual([]);
  });

  it("finds a clock that is off", async () => {
    await ready();
    receiver.timeMs = () => Date.now() + 600_000;
    expect(await find("clock")).toMatchObject({ status: "warning" });
  });
});
