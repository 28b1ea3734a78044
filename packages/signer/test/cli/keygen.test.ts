import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { keyidOf } from "../../src/key.ts";
import { bench, ceremony, complaint, SIGN, type Bench } from "./bench.ts";

let here: Bench;
beforeAll(() => void (here = bench()));
afterAll(() => here.remove());
const modeOf = (name: string) => statSync(here.at(name)).mode & 0o777;

describe("sigil-sign keygen", () => {
  it("writes a pair, the secret one for its owner only", async () => {
    const outcome = await here.run("keygen", "--out", "@a.key", "--no-passphrase");
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain("is not encrypted");
    expect([modeOf("a.key"), modeOf("a.key.pub") & 0o044]).toEqual([0o600, 0o044]);
    const [secret, open] = ["a.key", "a.key.pub"].map(
      (name) => JSON.parse(readFileSync(here.at(name), "utf8")) as Record<string, string>,
    );
    expect(secret).toMatchObject({ kind: "sigil-secret-key", protection: { kind: "none" } });
    expect(open).toMatchObject({ kind: "sigil-public-key", keyid: secret?.["keyid"] });
    expect(outcome.stdout).toBe(`${open?.["keyid"]}  ${here.at("a.key")}\n`);
    expect(keyidOf(Buffer.from(open?.["public"] ?? "", "base64"))).toBe(open?.["keyid"]);
  });

  it("tells programs what it made", async () => {
    here.write("pass", "correct horse\r\nthe second line is no part of it\n");
    const words = ["keygen", "--out", "@b.key", "--passphrase-file", "@pass", "--json"];
    const made = JSON.parse(await here.ok(...words)) as object;
    expect(made).toEqual({
      keyid: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      secret_key: here.at("b.key"),
      public_key: here.at("b.key.pub"),
      encrypted: true,
    });
  });

  it("overwrites neither half of a pair, and leaves no half behind", async () => {
    const before = here.write("c.key", "precious");
    const first = await here.run("keygen", "--out", "@c.key", "--no-passphrase");
    expect([first.code, complaint(first).code]).toEqual([4, "SIGIL_SIGNER_FILE_EXISTS"]);
    expect(readFileSync(before, "utf8")).toBe("precious");
    expect(existsSync(here.at("c.key.pub"))).toBe(false);
    here.write("d.key.pub", "precious");
    const second = await here.run("keygen", "--out", "@d.key", "--no-passphrase");
    expect(complaint(second).code).toBe("SIGIL_SIGNER_FILE_EXISTS");
    expect(existsSync(here.at("d.key"))).toBe(false);
  });

  it.each([
    ["a short passphrase", ["--passphrase-file", "@short"], "SIGIL_SIGNER_PASSPHRASE_WEAK", 4],
    ["no passphrase file", ["--passphrase-file", "@none"], "SIGIL_SIGNER_FILE_UNREADABLE", 4],
    ["both", ["--passphrase-file", "@short", "--no-passphrase"], "SIGIL_USAGE_INVALID", 2],
    ["no terminal to ask on", [], "SIGIL_SIGNER_PASSPHRASE_NEEDED", 4],
  ])("refuses %s and writes nothing", async (_what, words, code, exit) => {
    here.write("short", "1234567\n");
    vi.spyOn(process, "stdin", "get").mockReturnValue({ isTTY: false } as never);
    const outcome = await here.run("keygen", "--out", "@e.key", ...words);
    vi.restoreAllMocks();
    expect([outcome.code, complaint(outcome).code]).toEqual([exit, code]);
    expect(complaint(outcome).hint).not.toBe("");
    expect(existsSync(here.at("e.key"))).toBe(false);
  });

  it("says where it cannot write", async () => {
    const outcome = await here.run("keygen", "--out", "@no/such/f.key", "--no-passphrase");
    expect([outcome.code, complaint(outcome).code]).toEqual([4, "SIGIL_SIGNER_FILE_UNWRITABLE"]);
  });
});

describe("a secret key given with --key", () => {
  let there: Bench;
  beforeAll(async () => void (there = await ceremony()));
  afterAll(() => there.remove());

  it.each([0o640, 0o604, 0o620, 0o602])("is refused with mode %o", async (mode) => {
    chmodSync(there.at("policy.key"), mode);
    const outcome = await there.run(...SIGN);
    chmodSync(there.at("policy.key"), 0o600);
    expect([outcome.code, complaint(outcome).code]).toEqual([4, "SIGIL_SIGNER_KEY_EXPOSED"]);
    expect(complaint(outcome).hint).toContain("chmod 600");
  });

  it("is refused as a link, as a public key and as something else", async () => {
    symlinkSync(there.at("policy.key"), there.at("link.key"));
    const link = await there.run(...SIGN, "--key", "@link.key");
    expect(complaint(link)).toEqual({
      code: "SIGIL_SIGNER_FILE_UNREADABLE",
      hint: "it must not be a symbolic link",
    });
    chmodSync(there.at("policy.key.pub"), 0o600);
    const open = await there.run(...SIGN, "--key", "@policy.key.pub");
    expect(complaint(open).code).toBe("SIGIL_SIGNER_KEY_INVALID");
    expect(open.stderr).toContain(there.at("policy.key.pub"));
    const directory = await there.run(...SIGN, "--key", there.path);
    expect(complaint(directory).code).toBe("SIGIL_SIGNER_FILE_UNREADABLE");
  });

  it("is opened with the passphrase of the file that the environment names", async () => {
    there.write("pass", "correct horse\n");
    there.write("wrong", "correct house\n");
    await there.ok("keygen", "--out", "@locked.key", "--passphrase-file", "@pass");
    const words = [...SIGN.slice(0, 2), "--key", "@locked.key", ...SIGN.slice(4)];
    vi.stubEnv("SIGIL_SIGN_PASSPHRASE_FILE", there.at("wrong"));
    const wrong = await there.run(...words);
    expect([wrong.code, complaint(wrong).code]).toEqual([4, "SIGIL_SIGNER_PASSPHRASE_WRONG"]);
    vi.stubEnv("SIGIL_SIGN_PASSPHRASE_FILE", there.at("pass"));
    expect(await there.ok(...words)).toContain('"signatures"');
    vi.unstubAllEnvs();
  });
});
