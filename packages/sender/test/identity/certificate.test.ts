import { createAuthority, type Authority } from "@sigil/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { hostUri } from "@sigil/core/plain";
import { factsOf, parseCertificate } from "../../src/identity/certificate.ts";

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});

async function hostIdIn(uri: readonly string[]): Promise<string | null> {
  const { certPem } = await authority.issueHost("unused", { uri });
  const certificate = parseCertificate(certPem);
  return certificate === null ? "no certificate" : factsOf(certificate).hostId;
}

describe("factsOf", () => {
  it.each(["a2e1f4c9b8d7", "a,b", 'a"b', "a/b:c?d#e", "höst", "sigil:host:b"])(
    "finds the host id %j that its URI names",
    async (id) => expect(await hostIdIn([hostUri(id)])).toBe(id),
  );

  it.each([
    ["there is none", []],
    ["there are two", ["sigil:host:a", "sigil:host:b"]],
    ["it is empty", ["sigil:host:"]],
    ["it is too long", [`sigil:host:${"x".repeat(129)}`]],
    ["it is not percent-encoded UTF-8", ["sigil:host:%ff"]],
    ["it is spelled in another way", ["sigil:host:%61"]],
    ["it only stands inside another URI", ["https://x/, URI:sigil:host:evil"]],
  ])("names no host when %s", async (_why, uri) => expect(await hostIdIn(uri)).toBeNull());

  it("takes one that stands beside URIs of others", async () => {
    expect(await hostIdIn(["spiffe://x/y", "sigil:host:a"])).toBe("a");
  });

  it("gives times in milliseconds and the serial in lower-case hex without zeros in front", async () => {
    const notAfter = new Date("2030-01-02T03:04:05Z");
    const pair = await authority.issueHost("a", { notAfter, serial: "00ab12" });
    const certificate = parseCertificate(pair.certPem);
    expect(certificate && factsOf(certificate)).toMatchObject({
      notAfter: notAfter.getTime(),
      serial: "ab12",
      subject: "CN=sigil host",
    });
  });
});

describe("parseCertificate", () => {
  it("is null for what is none", () => {
    expect(parseCertificate("")).toBeNull();
    expect(
      parseCertificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
    ).toBeNull();
  });
});
