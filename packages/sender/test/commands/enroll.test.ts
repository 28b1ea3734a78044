import { X509Certificate, createPrivateKey } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createAuthority, type Authority } from "@sigil/testkit";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createApi, sign, type Api } from "../kit/api.ts";
import { makeHome, type Home } from "../kit/home.ts";
import { createReceiver } from "../kit/receiver.ts";

let authority: Authority;
let home: Home;
let api: Api;
beforeAll(async () => {
  authority = await createAuthority();
});
beforeEach(async () => {
  home = makeHome();
  api = await createApi(authority);
  api.answer = async ({ csr }) => ({
    status: 201,
    body: { certificate: await sign(authority, csr), ca: authority.caPem, host_id: "x" },
  });
  home.dir.write("token", "sgl_secret\n");
  home.dir.write("ca.pem", authority.caPem);
});
afterEach(async () => {
  await home.close();
  await api.close();
});

const enroll = (...more: string[]) =>
  home.sender([
    "enroll",
    "--server",
    api.url,
    "--token-file",
    home.dir.at("token"),
    "--ca",
    home.dir.at("ca.pem"),
    ...more,
  ]);
const tls = (name: string) => `${home.tls}/${name}`;

describe("enroll", () => {
  describe("when the server issues a certificate", () => {
    it("puts key, certificate and authority in place, and the sender ships with them", async () => {
      const outcome = await enroll("--host-id", "a2e1f4c9b8d7");
      expect(outcome.stderr).toContain("set server.url in");
      expect(outcome.code).toBe(0);
      expect(outcome.stdout).toMatch(/^host +a2e1f4c9b8d7$/m);
      expect(api.asked).toMatchObject([{ url: "/v1/enroll", token: "sgl_secret" }]);
      const certificate = new X509Certificate(readFileSync(tls("host.pem")));
      expect(certificate.subjectAltName).toBe("URI:sigil:host:a2e1f4c9b8d7");
      const key = readFileSync(tls("host.key"), "utf8");
      expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
      expect(readFileSync(tls("ca.pem"), "utf8")).toBe(authority.caPem);
      expect(statSync(tls("host.key")).mode & 0o777).toBe(0o600);
      expect(statSync(home.tls).mode & 0o777).toBe(0o700);
      expect(outcome.stdout + outcome.stderr + JSON.stringify(api.asked)).not.toContain("PRIVATE");
      const receiver = await createReceiver({ authority });
      home.configure({ server: { url: receiver.url } });
      await home.record(1, 3);
      expect((await home.sender(["once"])).code).toBe(0);
      await receiver.close();
    });

    it("prints JSON", async () => {
      const { stdout } = await enroll("--host-id", "a:b", "--json");
      expect(JSON.parse(stdout)).toMatchObject({
        host_id: "a:b",
        serial: "123",
        key: tls("host.key"),
      });
    });

    it("takes the token from the environment", async () => {
      const { code } = await home.sender(
        ["enroll", "--server", api.url, "--ca", home.dir.at("ca.pem"), "--host-id", "h"],
        { SIGIL_ENROLL_TOKEN: "sgl_other" },
      );
      expect(code).toBe(0);
      expect(api.asked[0]?.token).toBe("sgl_other");
    });
  });

  describe("when no host id is given", () => {
    it("asks the agent", async () => {
      home.dir.mkdir(".local/state/sigil");
      const agent = createServer((socket) => {
        socket.resume();
        socket.end('{"ok":true,"value":{"host_id":"asked"}}\n');
      });
      await new Promise<void>((resolve) => agent.listen(home.control, resolve));
      const { stdout } = await enroll("--json");
      await new Promise((resolve) => agent.close(resolve));
      expect(JSON.parse(stdout)).toMatchObject({ host_id: "asked" });
    });

    it("takes that of the last event", async () => {
      await home.record(1, 2, "recorded");
      const { stdout } = await enroll("--json");
      expect(JSON.parse(stdout)).toMatchObject({ host_id: "recorded" });
    });

    it("says how when nobody knows it", async () => {
      const outcome = await enroll();
      expect(outcome.code).toBe(4);
      expect(outcome.stderr).toContain("[SIGIL_SENDER_ENROLL_HOST]");
      expect(outcome.stderr).toContain("--host-id");
      expect(api.asked).toEqual([]);
    });
  });

  describe("when this host has a certificate", () => {
    beforeEach(() => home.certify(authority));

    it("replaces nothing without --force", async () => {
      const before = readFileSync(tls("host.key"), "utf8");
      const outcome = await enroll("--host-id", "h");
      expect(outcome.stderr).toContain("[SIGIL_SENDER_ENROLL_EXISTS]");
      expect(readFileSync(tls("host.key"), "utf8")).toBe(before);
      expect(api.asked).toEqual([]);
      expect((await enroll("--host-id", "h", "--force")).code).toBe(0);
      expect(readFileSync(tls("host.key"), "utf8")).not.toBe(before);
    });
  });

  describe("when it cannot be", () => {
    const nothing = () => expect(existsSync(tls("host.key"))).toBe(false);

    it("passes on why the server refuses", async () => {
      const type = "urn:sigil:problem:forbidden";
      const body = {
        type,
        title: "Not allowed.",
        status: 403,
        detail: "the token has no use left",
      };
      api.answer = async () => ({ status: 403, body });
      const outcome = await enroll("--host-id", "h");
      expect(outcome.code).toBe(4);
      expect(outcome.stderr).toContain(
        "the server answered 403: Not allowed. the token has no use left [SIGIL_SENDER_ENROLL_REFUSED]",
      );
      nothing();
    });

    it.each([
      [
        "another host's",
        async ({ csr }: { csr: string }) => ({
          certificate: await sign(authority, csr, "sigil:host:other"),
          ca: authority.caPem,
        }),
      ],
      [
        "another key's",
        async () => ({
          certificate: (await authority.issueHost("h")).certPem,
          ca: authority.caPem,
        }),
      ],
      ["none", async () => ({ certificate: "x", ca: authority.caPem })],
      [
        "without an authority that can be read",
        async ({ csr }: { csr: string }) => ({ certificate: await sign(authority, csr), ca: "x" }),
      ],
      ["missing", async () => ({})],
    ])("writes nothing of a certificate that is %s", async (_what, body) => {
      api.answer = async (asked) => ({ status: 201, body: await body(asked) });
      const outcome = await enroll("--host-id", "h");
      expect(outcome.stderr).toContain("[SIGIL_SENDER_ENROLL_ANSWER]");
      expect(outcome.code).toBe(4);
      nothing();
    });

    it("sends no token to a server of another authority", async () => {
      const other = await createAuthority();
      writeFileSync(home.dir.at("ca.pem"), other.caPem);
      const outcome = await enroll("--host-id", "h");
      expect(outcome.stderr).toContain("[SIGIL_SENDER_ENROLL_UNREACHABLE]");
      expect(api.asked).toEqual([]);
      nothing();
    });

    it.each([
      [["--server", "http://x"], "is not a plain https:// URL"],
      [["--server", "https://user:pw@x"], "is not a plain https:// URL"],
      [["--server", "https://x"], "there is no token"],
      [["--server", "https://x", "--token-file", "/nowhere"], "cannot read /nowhere"],
      [["--server", "https://x", "--token-file", "token", "--host-id", "a b"], "is no host id"],
      [[], "required option"],
    ])("is a usage error with %j", async (args, words) => {
      const outcome = await home.sender(["enroll", "--host-id", "h", ...args]);
      expect(outcome.stderr).toContain(words);
      expect(outcome.code).toBe(2);
    });
  });
});
