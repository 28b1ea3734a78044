import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import fc from "fast-check";
import nacl from "tweetnacl";
import { describe, expect, it } from "vitest";
import { isStrictlyWritten, isUsableKey, verifyStrict } from "../src/ed25519.ts";
import { SPECCHECK } from "./speccheck.ts";

const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The eight encodings of points of small order, and what else reads as one of them. */
const SMALL = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

/** S + L for S: the same signature to a verifier that reduces. */
function malleated(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
  const more = Buffer.from((s + L).toString(16).padStart(64, "0"), "hex").reverse();
  return new Uint8Array(Buffer.concat([signature.subarray(0, 32), more]));
}

/** Node's own, which is OpenSSL's. */
function nodeVerify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey]);
  return verify(
    null,
    message,
    createPublicKey({ key: der, format: "der", type: "spki" }),
    signature,
  );
}

describe("verifyStrict", () => {
  describe("when given the cases of ed25519-speccheck", () => {
    it.each(SPECCHECK)("case $number: $what", ({ message, publicKey, signature, valid }) => {
      expect(verifyStrict(hex(message), hex(signature), hex(publicKey))).toBe(valid);
    });

    it("is stricter than tweetnacl alone, and never laxer", () => {
      const lax = SPECCHECK.filter(({ message, publicKey, signature }) =>
        nacl.sign.detached.verify(hex(message), hex(signature), hex(publicKey)),
      );
      expect(lax.map(({ number }) => number)).toEqual([0, 1, 2, 3, 6, 7, 11]);
    });
  });

  describe("when a signature is good", () => {
    it("says what node:crypto says, whoever signed", () => {
      for (let round = 0; round < 40; round += 1) {
        const { publicKey, privateKey } = generateKeyPairSync("ed25519");
        const raw = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
        const message = Buffer.from(`message ${round}`);
        const signature = new Uint8Array(sign(null, message, privateKey));
        expect(verifyStrict(message, signature, raw)).toBe(true);
        expect(isUsableKey(raw)).toBe(true);
        const own = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(round));
        const ownSignature = nacl.sign.detached(message, own.secretKey);
        expect(nodeVerify(message, ownSignature, own.publicKey)).toBe(true);
        expect(verifyStrict(message, ownSignature, own.publicKey)).toBe(true);
      }
    });
  });

  describe("when anything was changed", () => {
    it("says what node:crypto says, which is no", () => {
      const pair = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(7));
      const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 });
      fc.assert(
        fc.property(bytes, fc.nat(), fc.nat(7), fc.nat(2), (message, where, bit, which) => {
          const signature = nacl.sign.detached(message, pair.secretKey);
          const parts = [message, signature, pair.publicKey].map((part) => part.slice());
          const target = parts[which] ?? message;
          const place = where % target.length;
          target[place] = (target[place] ?? 0) ^ (1 << bit);
          const [m = message, s = signature, p = pair.publicKey] = parts;
          expect(verifyStrict(m, s, p)).toBe(false);
          expect(nodeVerify(m, s, p)).toBe(false);
        }),
        { numRuns: 150 },
      );
    });

    it("refuses S + L, which tweetnacl takes", () => {
      const pair = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(9));
      const message = new Uint8Array([1, 2, 3]);
      const other = malleated(nacl.sign.detached(message, pair.secretKey));
      expect(nacl.sign.detached.verify(message, other, pair.publicKey)).toBe(true);
      expect(nodeVerify(message, other, pair.publicKey)).toBe(false);
      expect(verifyStrict(message, other, pair.publicKey)).toBe(false);
    });
  });

  describe("when the lengths are not those of a key and a signature", () => {
    it("says no and does not throw", () => {
      const none = new Uint8Array();
      expect(verifyStrict(none, none, none)).toBe(false);
      expect(verifyStrict(none, new Uint8Array(64), new Uint8Array(31))).toBe(false);
    });
  });
});

describe("isStrictlyWritten", () => {
  it("refuses by itself what ed25519-speccheck has that is not strict, whoever verifies after it", () => {
    const strict = SPECCHECK.filter(({ signature, publicKey }) =>
      isStrictlyWritten(hex(signature), hex(publicKey)),
    );
    expect(strict.map(({ number }) => number)).toEqual([3, 4, 5]);
  });

  it("refuses S = L and takes S = L - 1", () => {
    const { publicKey } = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(9));
    const withS = (s: bigint) => {
      const bytes = Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse();
      return new Uint8Array(Buffer.concat([publicKey, bytes]));
    };
    expect(isStrictlyWritten(withS(L - 1n), publicKey)).toBe(true);
    expect(isStrictlyWritten(withS(L), publicKey)).toBe(false);
  });

  it("refuses a strict key with an R of small order, and the other way round", () => {
    const { publicKey } = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(9));
    for (const small of SMALL.map(hex)) {
      const low = new Uint8Array(64);
      low.set(small);
      expect(isStrictlyWritten(low, publicKey)).toBe(false);
      low.set(publicKey);
      expect(isStrictlyWritten(low, publicKey)).toBe(true);
      expect(isStrictlyWritten(low, small)).toBe(false);
    }
  });
});

describe("isUsableKey", () => {
  it.each(SMALL)("refuses %s, which is of small order or written in a second way", (point) => {
    expect(isUsableKey(hex(point))).toBe(false);
  });

  it("refuses a key under which one signature fits any message", () => {
    const identity = hex(SMALL[0] ?? "");
    const signature = new Uint8Array(64);
    signature.set(identity, 0);
    for (const message of [[1], [2], [3]].map((bytes) => new Uint8Array(bytes))) {
      expect(nacl.sign.detached.verify(message, signature, identity)).toBe(true);
      expect(verifyStrict(message, signature, identity)).toBe(false);
    }
  });

  it("refuses what is no point of the curve", () => {
    // Half of all y have no x; tweetnacl cannot unpack them either.
    const candidates = Array.from({ length: 64 }, (_, n) => new Uint8Array(32).fill(n + 2));
    const signature = new Uint8Array(64).fill(1);
    const unusable = candidates.filter((bytes) => !isUsableKey(bytes));
    expect(unusable.length).toBeGreaterThan(16);
    expect(unusable.length).toBeLessThan(48);
    for (const bytes of unusable)
      expect(verifyStrict(new Uint8Array(), signature, bytes)).toBe(false);
  });

  it("takes every key that is made as keys are made", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) =>
        isUsableKey(nacl.sign.keyPair.fromSeed(seed).publicKey),
      ),
      { numRuns: 50 },
    );
  });
});
