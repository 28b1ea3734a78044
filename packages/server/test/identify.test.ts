import { X509Certificate } from "node:crypto";
import { createAuthority } from "@sigil/testkit";
import type { FastifyRequest } from "fastify";
import { describe, expect, it } from "vitest";
import { hostIn } from "@sigil/core/plain";
import { createIdentifier, readPeer } from "../src/identify.ts";
import type { CertificateStatus } from "../src/registry/model.ts";

const GOOD: CertificateStatus = { kind: "good", host_id: "host-a", group: "staff" };

async function identify(
  options: { uri?: readonly string[]; serial?: string; isAuthorized?: boolean } = {},
  { status = GOOD, now = Date.now(), acceptUnknown = false } = {},
) {
  const authority = await createAuthority();
  const { uri, serial } = options;
  const how = { ...(uri ? { uri } : {}), ...(serial === undefined ? {} : { serial }) };
  const { certPem } = await authority.issueHost("host-a", how);
  const asked: string[] = [];
  const certificate = (which: string): CertificateStatus => {
    asked.push(which);
    return status;
  };
  const identifier = createIdentifier({ registry: { certificate }, acceptUnknown, now: () => now });
  const socket = {
    authorized: options.isAuthorized ?? true,
    getPeerX509Certificate: () => new X509Certificate(certPem),
  };
  const request = { raw: { socket } } as unknown as FastifyRequest;
  const first = identifier(request);
  expect(identifier(request)).toEqual(first);
  return { who: first, asked };
}

describe("whom a request is from", () => {
  describe("when the certificate is good", () => {
    it("is the host it names, asked of the register each time", async () => {
      const { who, asked } = await identify({ serial: "0a1b" });
      expect(who).toEqual({ kind: "host", hostId: "host-a", group: "staff", serial: "a1b" });
      expect(asked).toEqual(["a1b", "a1b"]);
    });
  });

  describe("when it names not exactly one host", () => {
    it.each<[string, readonly string[]]>([
      ["none", []],
      ["another kind of name", ["spiffe://example.org/host-a"]],
      ["two", ["sigil:host:host-a", "sigil:host:host-b"]],
      ["the same twice", ["sigil:host:host-a", "sigil:host:host-a"]],
      ["an empty one", ["sigil:host:"]],
      ["one spelled otherwise", ["sigil:host:host%2Da"]],
      ["one with a list in it", ["sigil:host:x, URI:sigil:host:host-a"]],
    ])("is refused: %s", async (_name, uri) => {
      expect((await identify({ uri })).who).toMatchObject({ problem: "identity-missing" });
    });

    it("does not mind names of other kinds beside it", async () => {
      const uri = ["spiffe://example.org/a", "sigil:host:host-a"];
      expect((await identify({ uri })).who).toMatchObject({ hostId: "host-a" });
    });
  });

  describe("when the register says otherwise", () => {
    it.each<[string, CertificateStatus, string]>([
      ["revoked", { kind: "revoked", at: "2026-01-01T00:00:00.000Z" }, "certificate-revoked"],
      ["unknown", { kind: "unknown" }, "certificate-unknown"],
      ["another host's", { ...GOOD, host_id: "host-b" }, "certificate-unknown"],
    ])("is refused: %s", async (_name, status, problem) => {
      expect((await identify({}, { status })).who).toMatchObject({ problem });
    });

    it("takes strangers only when told to, but nobody who is revoked", async () => {
      const stranger = await identify({}, { status: { kind: "unknown" }, acceptUnknown: true });
      expect(stranger.who).toMatchObject({ hostId: "host-a", group: "default" });
      const status: CertificateStatus = { kind: "revoked", at: "2026-01-01T00:00:00.000Z" };
      const revoked = await identify({}, { status, acceptUnknown: true });
      expect(revoked.who).toMatchObject({ problem: "certificate-revoked" });
    });
  });

  describe("when the certificate ended since the connection was made", () => {
    it("is refused", async () => {
      const now = Date.now() + 48 * 3_600_000;
      expect((await identify({}, { now })).who).toMatchObject({ problem: "certificate-unknown" });
    });
  });

  describe("when TLS did not check the certificate", () => {
    it("is refused", async () => {
      expect((await identify({ isAuthorized: false })).who).toMatchObject({
        problem: "identity-missing",
      });
    });
  });
});

describe("the name in a certificate", () => {
  describe("when it needs percent signs", () => {
    it("is decoded", async () => {
      const { certPem, serial } = await (
        await createAuthority()
      ).issueHost("Büro 7/x,y".replace(" ", "_"));
      const peer = readPeer(new X509Certificate(certPem));
      expect(peer).toMatchObject({ hostId: "Büro_7/x,y", serial });
    });
  });

  describe("when Node.js put a name in quotes", () => {
    it("is none", () => {
      expect(hostIn('DNS:"a, URI:sigil:host:x", URI:sigil:host:y')).toBeNull();
    });
  });
});
