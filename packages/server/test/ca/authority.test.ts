import { X509Certificate } from "node:crypto";
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { authorityFiles, createAuthority, openAuthority } from "../../src/ca/authority.ts";
import { newKeyPair } from "../../src/ca/keys.ts";

const NOW = Date.now();
const DAY = 86_400_000;

describe("the server's own CA", () => {
  let dir: TempDir;
  beforeEach(() => (dir = tempDir()));
  afterEach(() => dir.remove());

  const files = () => authorityFiles(dir.at("server"));
  const make = (days = 3650, now = NOW) => createAuthority(files(), { name: "Acme", days, now });
  const issueHost = async (hostId: string, days = 90) => {
    const ca = await openAuthority(files(), () => NOW);
    const { publicKey } = await newKeyPair();
    return { ca, issued: await ca.issueHost({ hostId, publicKey, days }) };
  };

  describe("when it is made", () => {
    it("lies in a directory of its own that only its owner can read", async () => {
      await make();
      expect(statSync(files().key).mode & 0o777).toBe(0o600);
      expect(statSync(files().directory).mode & 0o777).toBe(0o700);
      expect(readdirSync(dir.at("server"))).toEqual(["ca"]);
    });

    it("signs certificates of hosts and servers, and no further CA", async () => {
      await make();
      const { ca } = await issueHost("h1");
      const root = new X509Certificate(ca.caPem);
      expect(root.ca).toBe(true);
      expect(root.subject).toBe("CN=Acme");
      expect(root.toLegacyObject().pubkey).toBeDefined();
    });

    it("refuses to replace one", async () => {
      await make();
      await expect(make()).rejects.toMatchObject({ code: "SIGIL_SERVER_CA_EXISTS" });
    });

    it("leaves nothing behind when two make it at once", async () => {
      const results = await Promise.allSettled([make(), make(), make()]);
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(readdirSync(dir.at("server"))).toEqual(["ca"]);
    });
  });

  describe("when it issues", () => {
    it("names the host in exactly one SAN URI, percent-encoded", async () => {
      await make();
      const { ca, issued } = await issueHost("büro, 1:DNS/x");
      const certificate = new X509Certificate(issued.certPem);
      expect(certificate.subjectAltName).toBe("URI:sigil:host:b%C3%BCro%2C%201%3ADNS%2Fx");
      expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
      expect(certificate.verify(new X509Certificate(ca.caPem).publicKey)).toBe(true);
      expect(certificate.ca).toBe(false);
    });

    it("gives each certificate a serial of its own, spelled as the registry spells it", async () => {
      await make();
      const serials = new Set<string>();
      for (let count = 0; count < 20; count += 1) serials.add((await issueHost("h")).issued.serial);
      expect(serials.size).toBe(20);
      for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
    });

    it("never promises longer than the CA itself lives", async () => {
      await make(10);
      const { issued, ca } = await issueHost("h", 90);
      expect(Date.parse(issued.notAfter)).toBe(ca.notAfter);
    });

    it("names a server by DNS names and addresses", async () => {
      await make();
      const ca = await openAuthority(files(), () => NOW);
      const { publicKey } = await newKeyPair();
      const names = ["sigil.example", "192.0.2.7", "2001:db8::1"];
      const { certPem } = await ca.issueServer({ names, publicKey, days: 30 });
      const certificate = new X509Certificate(certPem);
      expect(certificate.checkHost("sigil.example")).toBe("sigil.example");
      expect(certificate.checkIP("192.0.2.7")).toBe("192.0.2.7");
      expect(certificate.checkIP("2001:db8::1")).toBe("2001:db8::1");
      expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    });
  });

  describe("when it is opened", () => {
    const open = (now = NOW) => openAuthority(files(), () => now);

    it("is missed where there is none", async () => {
      await expect(open()).rejects.toMatchObject({ code: "SIGIL_SERVER_CA_ABSENT" });
      expect(existsSync(dir.at("server"))).toBe(false);
    });

    // Windows has no permission bits.
    it.runIf(process.platform !== "win32")("refuses a key that others can read", async () => {
      await make();
      chmodSync(files().key, 0o640);
      await expect(open()).rejects.toMatchObject({ code: "SIGIL_SERVER_CA_UNUSABLE" });
    });

    it("refuses a key that is another's", async () => {
      await make();
      writeFileSync(files().key, (await newKeyPair()).keyPem);
      await expect(open()).rejects.toThrow(/do not belong together/);
    });

    it("refuses text that is no key, and a certificate that is no CA's", async () => {
      await make();
      const { issued } = await issueHost("h");
      writeFileSync(files().certificate, issued.certPem);
      await expect(open()).rejects.toThrow(/not a CA/);
      writeFileSync(files().certificate, "hello");
      await expect(open()).rejects.toMatchObject({ code: "SIGIL_SERVER_CA_UNUSABLE" });
    });

    it("refuses an expired one", async () => {
      await make(10);
      await expect(open(NOW + 11 * DAY)).rejects.toThrow(/expired/);
    });
  });
});
