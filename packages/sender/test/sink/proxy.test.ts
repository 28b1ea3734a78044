import { createAuthority } from "@sigil/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { bareHost, proxyAuthorization, proxyFor } from "../../src/sink/proxy.ts";
import { createProxy, type TestProxy } from "../kit/proxy.ts";
import { createRig, type Rig } from "../kit/rig.ts";

const server = new URL("https://sigil.corp.example:8443");

describe("proxyFor", () => {
  it("is none unless one is set", () => {
    const env = { HTTPS_PROXY: "http://proxy:3128" };
    expect(proxyFor("none", server, env)).toBeNull();
    expect(proxyFor("environment", server, {})).toBeNull();
    expect(proxyFor("http://one:1", server, env)?.host).toBe("one:1");
    expect(proxyFor("environment", server, env)?.host).toBe("proxy:3128");
  });

  it("takes the lower-case name first, as curl does", () => {
    const env = { HTTPS_PROXY: "http://upper", https_proxy: "http://lower" };
    expect(proxyFor("environment", server, env)?.host).toBe("lower");
  });

  it("does not show a value it cannot use: it may hold a password", () => {
    const env = { HTTPS_PROXY: "socks5://user:secret@host" };
    expect(() => proxyFor("environment", server, env)).toThrow(/^HTTPS_PROXY is not/);
  });

  const exempt: readonly (readonly [string, string, boolean])[] = [
    ["*", "https://a.example", true],
    ["a.example", "https://a.example", true],
    ["A.EXAMPLE", "https://a.example", true],
    ["example", "https://a.example", true],
    [".example", "https://a.example", true],
    ["*.example", "https://a.example", true],
    ["ample", "https://a.example", false],
    ["b.example, a.example", "https://a.example", true],
    ["a.example:443", "https://a.example", true],
    ["a.example:8443", "https://a.example", false],
    ["a.example:8443", "https://a.example:8443", true],
    ["127.0.0.1", "https://127.0.0.1:8443", true],
    ["::1", "https://[::1]:8443", true],
    ["[::1]:8443", "https://[::1]:8443", true],
    ["[::1]:1", "https://[::1]:8443", false],
    ["", "https://a.example", false],
    [",,", "https://a.example", false],
    [":443", "https://a.example", false],
  ];
  for (const [list, url, isExempt] of exempt) {
    it(`${isExempt ? "spares" : "uses it for"} ${url} with NO_PROXY=${JSON.stringify(list)}`, () => {
      const env = { HTTPS_PROXY: "http://proxy", NO_PROXY: list };
      expect(proxyFor("environment", new URL(url), env) === null).toBe(isExempt);
    });
  }
});

describe("proxyAuthorization", () => {
  it("is Basic with the decoded user and password, if there are any", () => {
    expect(proxyAuthorization(new URL("http://proxy"))).toEqual({});
    const { "proxy-authorization": value } = proxyAuthorization(
      new URL("http://al%40x:p%3Aw@proxy"),
    );
    expect(Buffer.from((value ?? "").slice(6), "base64").toString()).toBe("al@x:p:w");
  });
});

describe("bareHost", () => {
  it("takes the brackets off", () => {
    expect(bareHost(new URL("https://[::1]:1"))).toBe("::1");
    expect(bareHost(new URL("https://a.example"))).toBe("a.example");
  });
});

describe("a sender behind a proxy", () => {
  let rig: Rig;
  let proxy: TestProxy;
  afterEach(async () => {
    await rig.close();
    await proxy.close();
  });

  async function attempt(url: string, settings: object = {}) {
    rig = await createRig({ settings: { server: { proxy: url, ...settings } } });
    await rig.append(1, 10);
    return await rig.dispatcher.once(2);
  }

  it("reaches the server through it, and shows it nothing but encrypted bytes", async () => {
    proxy = await createProxy();
    const url = `http://al:pw@127.0.0.1:${proxy.port}`;
    expect(await attempt(url)).toEqual({ kind: "drained" });
    expect(rig.received()).toHaveLength(10);
    expect(proxy.asked).toEqual([
      { target: new URL(rig.receiver.url).host, authorization: "Basic YWw6cHc=" },
    ]);
    const seen = Buffer.concat(proxy.seen).toString("latin1");
    expect(seen.length).toBeGreaterThan(1000);
    expect(seen).not.toContain("HTTP/1.1");
    expect(seen).not.toContain(rig.source.spoolId);
  });

  it("reaches it through one that speaks TLS, with an authority of its own", async () => {
    const authority = await createAuthority();
    proxy = await createProxy(await authority.issueServer());
    const dir = (await import("@sigil/testkit")).tempDir();
    const proxy_ca_file = dir.write("proxy-ca.pem", authority.caPem);
    const url = `https://127.0.0.1:${proxy.port}`;
    expect(await attempt(url, { proxy_ca_file })).toEqual({ kind: "drained" });
    dir.remove();
  });

  it("does not take the proxy's certificate for the server's", async () => {
    const authority = await createAuthority();
    proxy = await createProxy(await authority.issueServer());
    const result = await attempt(`https://127.0.0.1:${proxy.port}`);
    expect(result).toMatchObject({ kind: "undelivered", reason: "proxy" });
    expect(rig.notes).toEqual([]);
  });

  it("waits when the proxy wants a password", async () => {
    proxy = await createProxy();
    proxy.refuse = 407;
    const result = await attempt(`http://127.0.0.1:${proxy.port}`);
    expect(result).toMatchObject({ reason: "proxy", detail: "the proxy answered 407" });
    expect(rig.receiver.connections()).toBe(0);
  });

  it("waits when the proxy is not there", async () => {
    proxy = await createProxy();
    const result = await attempt("http://127.0.0.1:1");
    expect(result).toMatchObject({ kind: "undelivered", reason: "proxy" });
  });
});
