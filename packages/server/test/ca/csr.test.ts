import { webcrypto } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRequest } from "../../src/ca/csr.ts";
import { hostUri } from "@sigil/core/plain";
import { x509 } from "../../src/ca/x509.ts";

type Names = { readonly type: "url" | "dns"; readonly value: string }[];

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

async function requestOf(
  names: Names,
  algorithm: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams = EC,
) {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  return x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=anything",
    keys,
    signingAlgorithm: { ...algorithm, hash: "SHA-256" },
    extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
  });
}

const named = (hostId: string): Names => [{ type: "url", value: hostUri(hostId) }];
const refused = { code: "SIGIL_SERVER_CSR" };

describe("a certificate request", () => {
  describe("when it is sound", () => {
    it("says which host asks, and for which key", async () => {
      const request = await requestOf(named("host one".replace(" ", "-")));
      const read = await readRequest(request.toString("pem"));
      expect(read.hostId).toBe("host-one");
      expect(Buffer.from(read.publicKey)).toEqual(Buffer.from(request.publicKey.rawData));
    });

    it("may be for an RSA key of 2048 bits", async () => {
      const rsa = {
        name: "RSASSA-PKCS1-v1_5",
        modulusLength: 2048,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: "SHA-256",
      };
      const request = await requestOf(named("h"), rsa);
      expect((await readRequest(request.toString("pem"))).hostId).toBe("h");
    });
  });

  describe("when it asks for anything but one host's name", () => {
    it.each<[string, Names]>([
      ["none", []],
      ["a DNS name", [{ type: "dns", value: "sigil.example" }]],
      ["another URI", [{ type: "url", value: "https://example.org" }]],
      ["two hosts", [...named("a"), ...named("b")]],
      ["a host and a server", [...named("a"), { type: "dns", value: "sigil.example" }]],
      ["an empty host", [{ type: "url", value: "sigil:host:" }]],
      ["another spelling", [{ type: "url", value: "sigil:host:%61" }]],
    ])("is refused: %s", async (_, names) => {
      await expect(readRequest((await requestOf(names)).toString("pem"))).rejects.toMatchObject(
        refused,
      );
    });
  });

  describe("when it is not by the owner of the key", () => {
    it("gives no other host and no other key, whichever byte was changed", async () => {
      const request = await requestOf(named("host"));
      const der = Buffer.from(request.rawData);
      const said = { hostId: "host", publicKey: request.publicKey.rawData };
      let refusals = 0;
      const attempt = async (at: number, by: number) => {
        const changed = Buffer.from(der);
        changed[at] = (changed[at] ?? 0) ^ by;
        const pem = x509.PemConverter.encode(changed, "CERTIFICATE REQUEST");
        try {
          expect(await readRequest(pem)).toEqual(said);
        } catch (error) {
          expect(error).toMatchObject(refused);
          refusals += 1;
        }
      };
      const changes = fc.asyncProperty(
        fc.nat(der.length - 1),
        fc.integer({ min: 1, max: 255 }),
        attempt,
      );
      await fc.assert(changes, { numRuns: 150 });
      expect(refusals).toBeGreaterThan(100);
    });

    it("is refused with a code also where the bytes that name the key's curve are damaged", async () => {
      const request = await requestOf(named("host"));
      const der = Buffer.from(request.rawData);
      const curve = der.indexOf(Buffer.from("06082a8648ce3d030107", "hex"));
      expect(curve).toBeGreaterThan(0);
      for (let at = curve; at < curve + 10; at += 1) {
        const changed = Buffer.from(der);
        changed[at] = (changed[at] ?? 0) ^ 1;
        const pem = x509.PemConverter.encode(changed, "CERTIFICATE REQUEST");
        await expect(readRequest(pem)).rejects.toMatchObject(refused);
      }
    });
  });

  describe("when it is no request", () => {
    it.each([
      ["nothing", ""],
      ["text", "hello"],
      [
        "no DER",
        "-----BEGIN CERTIFICATE REQUEST-----\naGVsbG8=\n-----END CERTIFICATE REQUEST-----\n",
      ],
      [
        "too large",
        `-----BEGIN CERTIFICATE REQUEST-----\n${"A".repeat(20_000)}\n-----END CERTIFICATE REQUEST-----\n`,
      ],
      ["deep", deep()],
    ])("is refused: %s", async (_, text) => {
      await expect(readRequest(text)).rejects.toMatchObject(refused);
    });

    it("is refused for a key that is weak or unknown", async () => {
      const rsa = {
        name: "RSASSA-PKCS1-v1_5",
        modulusLength: 1024,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: "SHA-256",
      };
      const weak = await requestOf(named("h"), rsa);
      await expect(readRequest(weak.toString("pem"))).rejects.toThrow(/1024 bits/);
    });
  });
});

/** Sequences in sequences of indefinite length, as far as the size allows. */
function deep(): string {
  const bytes = Buffer.concat(Array.from({ length: 5000 }, () => Buffer.from([0x30, 0x80])));
  return x509.PemConverter.encode(bytes, "CERTIFICATE REQUEST");
}
