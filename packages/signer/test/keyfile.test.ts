import { createPrivateKey, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  generateKey,
  keyFromSeed,
  publicKeyText,
  readPublicKey,
  readSecretKey,
  secretKeyText,
} from "../src/key.ts";
import { signBytes } from "../src/keypair.ts";
import { key, text } from "./world.ts";

const never = (): string => {
  throw new Error("no passphrase was needed");
};
const code = (name: string) => expect.objectContaining({ code: `SIGIL_SIGNER_${name}` }) as Error;
const change = (file: string, changes: Record<string, unknown>): Uint8Array =>
  text(JSON.stringify({ ...(JSON.parse(file) as object), ...changes }));

describe("generateKey", () => {
  it("makes another key each time, named by its public key", () => {
    const [one, two] = [generateKey(), generateKey()];
    expect(one.keyid).toMatch(/^[0-9a-f]{64}$/);
    expect(one.keyid).not.toBe(two.keyid);
    expect(keyFromSeed(one.seed)).toEqual(one);
  });

  it("signs as node:crypto does with the same seed", () => {
    const one = key(5);
    const head = Buffer.from("302e020100300506032b657004220420", "hex");
    const der = Buffer.concat([head, one.seed]);
    const theirs = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    const message = text("the same message");
    expect(Buffer.from(signBytes(message, one))).toEqual(sign(null, message, theirs));
  });
});

describe("a secret key's file", () => {
  describe("when it has no passphrase", () => {
    it("gives the key back and asks for nothing", async () => {
      const one = key(5);
      expect(await readSecretKey(text(secretKeyText(one, null)), never)).toEqual(one);
    });
  });

  describe("when it has one", () => {
    const file = secretKeyText(key(5), "correct horse");

    it("gives the key back for the passphrase, and only for it", async () => {
      expect(await readSecretKey(text(file), () => "correct horse")).toEqual(key(5));
      await expect(readSecretKey(text(file), () => "correct house")).rejects.toThrow(
        code("PASSPHRASE_WRONG"),
      );
    });

    it("does not hold the seed, and is another one each time", () => {
      expect(file).not.toContain(Buffer.from(key(5).seed).toString("base64"));
      expect(secretKeyText(key(5), "correct horse")).not.toBe(file);
    });

    it("costs what a guess should cost", () => {
      const { protection } = JSON.parse(file) as { protection: Record<string, unknown> };
      expect(protection).toMatchObject({ kind: "scrypt-secretbox", n: 131_072, r: 8, p: 1 });
    });

    it("takes the passphrase in either composition", async () => {
      const composed = secretKeyText(key(5), "p\u00e4sswort!");
      expect(await readSecretKey(text(composed), () => "pa\u0308sswort!")).toEqual(key(5));
    });

    it("is refused with a passphrase anybody would try", () => {
      expect(() => secretKeyText(key(5), "1234567")).toThrow(code("PASSPHRASE_WEAK"));
    });

    it.each([
      ["n", 2 ** 30],
      ["n", 100_000],
      ["n", 2],
      ["r", 1024],
      ["p", 100],
    ])("is refused when it asks for %s = %d", async (name, value) => {
      const { protection } = JSON.parse(file) as { protection: object };
      const greedy = change(file, { protection: { ...protection, [name]: value } });
      await expect(readSecretKey(greedy, never)).rejects.toThrow(code("KEY_INVALID"));
    });

    it.each(["salt", "nonce"])("is refused with a bad %s", async (name) => {
      const { protection } = JSON.parse(file) as { protection: object };
      const bad = change(file, { protection: { ...protection, [name]: "AAAA" } });
      await expect(readSecretKey(bad, () => "correct horse")).rejects.toThrow(code("KEY_INVALID"));
    });
  });

  describe("when it was changed", () => {
    const file = secretKeyText(key(5), null);
    it.each([
      ["another public key", { public: Buffer.from(key(6).public).toString("base64") }],
      ["another key's name", { keyid: key(6).keyid }],
      ["another secret", { secret: Buffer.from(key(6).seed).toString("base64") }],
      ["a short secret", { secret: "AAAA" }],
      ["no base64", { secret: "!" }],
      ["another kind", { kind: "sigil-public-key" }],
      ["an unknown field", { extra: 1 }],
    ])("refuses %s", async (_what, changes) => {
      await expect(readSecretKey(change(file, changes), never)).rejects.toThrow(
        code("KEY_INVALID"),
      );
    });

    it("refuses what is no JSON", async () => {
      await expect(readSecretKey(text("key"), never)).rejects.toThrow(code("KEY_INVALID"));
    });
  });
});

describe("a public key's file", () => {
  it("gives the public key, also of the secret one", () => {
    const { keyid, public: bytes } = key(5);
    expect(readPublicKey(text(publicKeyText(key(5))))).toEqual({ keyid, public: bytes });
    expect(readPublicKey(text(secretKeyText(key(5), null)))).toEqual({ keyid, public: bytes });
  });

  it("does not hold the secret", () => {
    expect(publicKeyText(key(5))).not.toContain(Buffer.from(key(5).seed).toString("base64"));
  });

  it.each([
    ["another key's name", { keyid: key(6).keyid }],
    ["a key of small order", { public: Buffer.from(new Uint8Array(32)).toString("base64") }],
    ["a short key", { public: "AAAA" }],
    ["no base64", { public: "!" }],
    ["another algorithm", { algorithm: "rsa" }],
  ])("refuses %s", (_what, changes) => {
    const file = change(publicKeyText(key(5)), changes);
    expect(() => readPublicKey(file)).toThrow(code("KEY_INVALID"));
  });
});
