import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import {
  createAuthority,
  eventually,
  fakeClock,
  tempDir,
  type Authority,
  type IssuedPair,
  type TempDir,
} from "@sigil/testkit";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openIdentity, type LiveIdentity } from "../src/identity.ts";

let authority: Authority;
let one: IssuedPair;
let two: IssuedPair;
let dir: TempDir;
let identity: LiveIdentity | null;
const clock = fakeClock(Date.now());
const silent = { info: () => undefined, warn: () => undefined };
beforeAll(async () => {
  authority = await createAuthority();
  one = await authority.issueHost("host-1");
  two = await authority.issueHost("host-1");
});
beforeEach(() => {
  dir = tempDir();
  identity = null;
  place(one);
});
afterEach(() => {
  identity?.close();
  dir.remove();
});

function place(pair: IssuedPair): void {
  dir.write("ca.pem", authority.caPem);
  dir.write("host.key", pair.keyPem);
  chmodSync(dir.at("host.key"), 0o600);
  dir.write("host.pem", pair.certPem);
}

const paths = () => ({
  certificate: dir.at("host.pem"),
  key: dir.at("host.key"),
  ca: dir.at("ca.pem"),
});

/** Looks only when it is told to, or when the watcher says so. */
async function open(): Promise<LiveIdentity> {
  const options = { files: paths(), checkMs: 3_600_000, now: clock.now, log: silent };
  identity = await openIdentity(options);
  return identity;
}

describe("openIdentity", () => {
  it("gives what the files hold", async () => {
    const live = await open();
    expect(live.current()).toMatchObject({
      hostId: "host-1",
      certPem: one.certPem,
      keyPem: one.keyPem,
      caPem: authority.caPem,
      serial: one.serial,
      problem: null,
    });
  });

  it.each([
    ["the certificate is absent", () => rmSync(dir.at("host.pem")), "SIGIL_SENDER_CERTIFICATE"],
    ["the certificate is none", () => dir.write("host.pem", "x"), "SIGIL_SENDER_CERTIFICATE"],
    ["the key is absent", () => rmSync(dir.at("host.key")), "SIGIL_SENDER_KEY"],
    ["the key is none", () => dir.write("host.key", "x"), "SIGIL_SENDER_KEY"],
    [
      "the key is readable by others",
      () => chmodSync(dir.at("host.key"), 0o644),
      "SIGIL_SENDER_KEY_MODE",
    ],
    [
      "the key is writable by the group",
      () => chmodSync(dir.at("host.key"), 0o660),
      "SIGIL_SENDER_KEY_MODE",
    ],
    ["the key is another's", () => dir.write("host.key", two.keyPem), "SIGIL_SENDER_KEY_MISMATCH"],
    ["the authority is absent", () => rmSync(dir.at("ca.pem")), "SIGIL_SENDER_CA"],
    ["the authority is none", () => dir.write("ca.pem", "x"), "SIGIL_SENDER_CA"],
    [
      "the certificate is too large to be one",
      () => dir.write("host.pem", "x".repeat(300_000)),
      "SIGIL_SENDER_CERTIFICATE",
    ],
  ])("refuses when %s", async (_why, spoil, code) => {
    spoil();
    await expect(open()).rejects.toMatchObject({ code, hint: expect.any(String) });
  });

  it("takes a key that the group may read, and files behind links", async () => {
    chmodSync(dir.at("host.key"), 0o640);
    mkdirSync(dir.at("real"));
    for (const name of ["host.pem", "host.key", "ca.pem"]) {
      renameSync(dir.at(name), dir.at("real", name));
      symlinkSync(dir.at("real", name), dir.at(name));
    }
    expect((await open()).current().problem).toBeNull();
  });

  it.each([
    ["expired", { expired: true }, "own_certificate_expired"],
    ["is not yet valid", { notYet: true }, "own_certificate_not_yet_valid"],
    ["names no host", { uri: [] }, "own_certificate_unusable"],
  ])("opens, and says that it must not be used, when it %s", async (_why, options, cause) => {
    place(await authority.issueHost("host-1", options));
    const { problem } = (await open()).current();
    expect(problem).toMatchObject({ cause, detail: expect.stringContaining("the certificate") });
  });
});

describe("an identity in use", () => {
  it("keeps the old pair until certificate and key match again", async () => {
    const live = await open();
    let changes = 0;
    live.onChange(() => (changes += 1));
    writeFileSync(dir.at("host.pem"), two.certPem);
    await live.check();
    expect(live.current().serial).toBe(one.serial);
    expect(live.pending()).toContain("is not the key of");
    expect(changes).toBe(0);
    writeFileSync(dir.at("host.key"), two.keyPem);
    await live.check();
    expect(live.current()).toMatchObject({ serial: two.serial, keyPem: two.keyPem });
    expect(live.pending()).toBeNull();
    expect(changes).toBe(1);
  });

  it("notices by itself that the files were replaced", async () => {
    const live = await open();
    dir.write("next.key", two.keyPem);
    chmodSync(dir.at("next.key"), 0o600);
    dir.write("next.pem", two.certPem);
    renameSync(dir.at("next.key"), dir.at("host.key"));
    renameSync(dir.at("next.pem"), dir.at("host.pem"));
    await eventually(() => live.current().serial === two.serial);
  });

  it("tells its listeners when its time is over, and no longer who stopped listening", async () => {
    const live = await open();
    let changes = 0;
    const stop = live.onChange(() => (changes += 1));
    clock.advance(48 * 3_600_000);
    await live.check();
    expect(live.current().problem?.cause).toBe("own_certificate_expired");
    expect(changes).toBe(1);
    stop();
    clock.advance(-48 * 3_600_000);
    await live.check();
    expect(live.current().problem).toBeNull();
    expect(changes).toBe(1);
  });

  it("goes on with what it has while the files are gone", async () => {
    const live = await open();
    rmSync(dir.at("host.pem"));
    await live.check();
    expect(live.current().serial).toBe(one.serial);
    expect(live.pending()).toContain("absent");
  });
});
