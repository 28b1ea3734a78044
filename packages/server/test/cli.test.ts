import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { createAuthority, eventually, quietEnv, tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { main } from "../src/main.ts";

const BIN = join(import.meta.dirname, "../src/bin.ts");

type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** What is written to a stream from now on. */
function capture(name: "stdout" | "stderr"): () => string {
  let text = "";
  vi.spyOn(process[name], "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  return () => text;
}

describe("sigil-server", () => {
  let dir: TempDir;
  beforeEach(() => (dir = tempDir("sigil-server-cli-")));
  afterEach(() => {
    vi.unstubAllEnvs();
    dir.remove();
  });

  const nodeArgs = (args: readonly string[]) => ["--conditions=@sigil/source", BIN, ...args];
  const run = async (...args: string[]): Promise<Ran> => {
    vi.stubEnv("HOME", dir.path);
    const out = capture("stdout");
    const err = capture("stderr");
    try {
      const code = await main(args);
      return { code, out: out(), err: err() };
    } finally {
      vi.restoreAllMocks();
    }
  };
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).out) as never;
  const server = (...names: string[]) => dir.at(".local/state/sigil/server", ...names);

  describe("when there is nothing yet", () => {
    it("refuses to run without TLS, and says what to do", async () => {
      const { code, out, err } = await run("run");
      expect([code, out]).toEqual([3, ""]);
      expect(err).toMatch(
        /^sigil-server: error: .+\[SIGIL_SERVER_TLS\]\nsigil-server: hint: .*ca init/,
      );
      expect(existsSync(server())).toBe(false);
    });

    it("refuses what it does not know with 2, and a bad configuration with 3", async () => {
      expect((await run("frobnicate")).code).toBe(2);
      expect((await run("token", "create")).code).toBe(2);
      expect((await run("token", "create", "--scope", "read", "--uses", "3")).code).toBe(2);
      expect((await run("ca", "revoke", "--why", "x")).code).toBe(2);
      dir.write("bad.yaml", "limits:\n  max_events: 0\n");
      const { code, err } = await run("--config", dir.at("bad.yaml"), "hosts");
      expect(code).toBe(3);
      expect(err).toMatch(/bad\.yaml:2:\d+: limits\.max_events/);
      expect((await run("--config", dir.at("absent.yaml"), "run")).code).toBe(3);
    });

    it("lists nothing, and its doctor names what is missing", async () => {
      expect(await json("hosts")).toEqual([]);
      const { code, out } = await run("doctor");
      expect(code).toBe(2);
      expect(out).toMatch(/error +Certificate authority/);
    });
  });

  describe("when the CA is made", () => {
    it("has all that a server needs, and nobody else can read the keys", async () => {
      const { code } = await run(
        "ca",
        "init",
        "--name",
        "Acme",
        "--server-name",
        "sigil.example",
        "192.0.2.7",
      );
      expect(code).toBe(0);
      expect(readdirSync(server("ca")).toSorted()).toEqual(["ca.key", "ca.pem"]);
      for (const file of [server("ca", "ca.key"), server("tls", "server.pem")])
        expect(statSync(file).mode & 0o777).toBe(0o600);
      expect((await run("doctor")).code).toBe(0);
      dir.write(".local/state/sigil/server/server.db.damaged-17", "what was");
      const warned = await run("doctor");
      expect(warned.code).toBe(1);
      expect(warned.out).toContain(`set aside: ${server("server.db.damaged-17")}`);
      const before = readFileSync(server("ca", "ca.key"));
      expect((await run("ca", "init")).code).toBe(3);
      expect(readFileSync(server("ca", "ca.key"))).toEqual(before);
    });

    it("is not made for a name that is none", async () => {
      expect((await run("ca", "init", "--server-name", "a b")).code).toBe(3);
      expect(existsSync(server("ca"))).toBe(false);
    });
  });

  describe("when certificates are issued", () => {
    beforeEach(async () => {
      await run("ca", "init");
    });

    it("writes what a sender looks for, and overwrites nothing", async () => {
      const issue = ["ca", "issue", "--host", "büro", "--group", "eng", "--out-dir", dir.at("out")];
      expect(await json(...issue)).toMatchObject({ host_id: "büro", group: "eng" });
      expect(readdirSync(dir.at("out")).toSorted()).toEqual(["ca.pem", "host.key", "host.pem"]);
      expect(statSync(dir.at("out", "host.key")).mode & 0o777).toBe(0o600);
      const key = readFileSync(dir.at("out", "host.key"));
      expect((await run(...issue)).code).toBe(3);
      expect(readFileSync(dir.at("out", "host.key"))).toEqual(key);
    });

    it("revokes one by its serial, however it is spelled, and all of a host", async () => {
      const serials: string[] = [];
      for (const at of ["a", "b", "c"]) {
        const made: { serial: string } = await json(
          "ca",
          "issue",
          "--host",
          "h",
          "--out-dir",
          dir.at(at),
        );
        serials.push(made.serial);
      }
      const spelled = (serials[0] ?? "").toUpperCase().replace(/(..)(?=.)/g, "$1:");
      expect((await run("ca", "revoke", spelled, "--why", "lost")).code).toBe(0);
      expect((await run("ca", "revoke", spelled, "--why", "lost")).code).toBe(1);
      const { revoked }: { revoked: string[] } = await json(
        "ca",
        "revoke",
        "--host",
        "h",
        "--why",
        "gone",
      );
      expect(new Set(revoked)).toEqual(new Set(serials.slice(1)));
      expect((await run("ca", "revoke", "--host", "h", "--why", "gone")).code).toBe(1);
      expect((await run("ca", "list")).out.match(/revoked/g)).toHaveLength(3);
    });

    it("refuses a request for another host, and what is no request", async () => {
      dir.write("x.csr", "hello");
      const { code, err } = await run("ca", "issue", "--csr", dir.at("x.csr"));
      expect(code).toBe(3);
      expect(err).toContain("SIGIL_SERVER_CSR");
      expect((await run("ca", "issue")).code).toBe(2);
      expect((await run("ca", "issue", "--host", "a b")).code).toBe(3);
      expect((await run("ca", "issue", "--host", "ab", "--group", "no group")).code).toBe(3);
    });

    it("adopts again what its registry lost, and nothing of another CA", async () => {
      await run("ca", "issue", "--host", "h", "--group", "eng", "--out-dir", dir.at("out"));
      const [before]: { serial: string }[] = await json("ca", "list");
      for (const suffix of ["", "-wal", "-shm"])
        rmSync(server(`registry.db${suffix}`), { force: true });
      expect(await json("ca", "list")).toEqual([]);
      expect(await json("ca", "adopt", dir.at("out", "host.pem"), "--group", "eng")).toMatchObject([
        { adopted: true },
      ]);
      expect(await json("ca", "list")).toMatchObject([
        { serial: before?.serial, host_id: "h", group: "eng" },
      ]);
      expect(await json("ca", "adopt", dir.at("out", "host.pem"))).toMatchObject([
        { adopted: false },
      ]);
      const other = await (await createAuthority()).issueHost("h");
      dir.write("other.pem", other.certPem);
      expect((await run("ca", "adopt", dir.at("other.pem"))).err).toContain(
        "SIGIL_SERVER_CERTIFICATE",
      );
      expect((await run("ca", "adopt", server("ca", "ca.pem"))).code).toBe(3);
    });

    it("makes the server another certificate for the same names", async () => {
      const before = readFileSync(server("tls", "server.pem"), "utf8");
      expect(await json("ca", "server")).toMatchObject({
        names: ["localhost", "127.0.0.1", "::1"],
      });
      expect(readFileSync(server("tls", "server.pem"), "utf8")).not.toBe(before);
    });
  });

  describe("when a backup is made", () => {
    it("has all that a server needs to go on elsewhere", async () => {
      await run("ca", "init");
      await run("ca", "issue", "--host", "h", "--out-dir", dir.at("out"));
      expect((await run("backup", dir.at("copy"))).code).toBe(0);
      expect(readdirSync(dir.at("copy")).toSorted()).toEqual(["ca", "registry.db", "tls"]);
      expect(statSync(dir.at("copy")).mode & 0o777).toBe(0o700);
      const there = ["--state-dir", dir.at("copy")];
      expect(await json(...there, "ca", "list")).toMatchObject([{ host_id: "h" }]);
      expect((await run(...there, "doctor")).code).toBe(0);
      expect((await run("backup", dir.at("copy"))).code).toBe(4);
      expect(existsSync(dir.at("copy", "ca", "ca.key"))).toBe(true);
    });

    it("leaves nothing when it fails", async () => {
      await run("ca", "init");
      dir.write(".local/state/sigil/server/registry.db", "x".repeat(5000));
      expect((await run("backup", dir.at("copy"))).err).toContain("SIGIL_SERVER_BACKUP");
      expect(existsSync(dir.at("copy"))).toBe(false);
    });
  });

  describe("when tokens are made", () => {
    it("prints the secret alone, once", async () => {
      const { out, err } = await run(
        "token",
        "create",
        "--scope",
        "read",
        "metrics",
        "--label",
        "grafana",
      );
      expect(out).toMatch(/^sgl_[\w-]{43}\n$/);
      expect(err).not.toContain(out.trim());
      const listed = await run("token", "list", "--json");
      expect(listed.out).not.toContain(out.trim());
      const [{ id, ...token }] = JSON.parse(listed.out) as [{ id: string }];
      expect(token).toMatchObject({
        scopes: ["read", "metrics"],
        label: "grafana",
        expires_at: null,
      });
      expect((await run("token", "revoke", id)).code).toBe(0);
      expect((await run("token", "revoke", id)).code).toBe(1);
    });

    it("ends one for enrolment by itself", async () => {
      const made: { expires_at: string } = await json(
        "token",
        "create",
        "--scope",
        "enroll",
        "--uses",
        "2",
      );
      const days = (Date.parse(made.expires_at) - Date.now()) / 86_400_000;
      expect(Math.round(days)).toBe(7);
    });
  });

  describe("when policy is published", () => {
    const envelope = {
      payloadType: "application/vnd.sigil.policy.v1+yaml",
      payload: "eA==",
      signatures: [{ keyid: "", sig: "eA==" }],
    };

    it("takes deliveries as they are and wraps envelopes", async () => {
      const delivery = `${JSON.stringify({ schema_version: 1, roots: [], policy: envelope })}\n`;
      dir.write("delivery.json", delivery);
      dir.write("policy.json", JSON.stringify(envelope));
      const one: { etag: string } = await json(
        "policy",
        "publish",
        dir.at("delivery.json"),
        "--group",
        "eng",
      );
      const two: { etag: string } = await json("policy", "publish", dir.at("policy.json"));
      expect(one.etag).toBe(two.etag);
      expect(await json("policy", "list")).toMatchObject([{ group: "default" }, { group: "eng" }]);
      expect((await run("policy", "remove", "--group", "eng")).code).toBe(0);
      expect((await run("policy", "remove", "--group", "eng")).code).toBe(1);
    });

    it.each([
      ["text", "hello"],
      ["another envelope", JSON.stringify({ ...envelope, payloadType: "text/plain" })],
      ["an unsigned one", JSON.stringify({ ...envelope, signatures: [] })],
      ["a plain policy", "version: 1\n"],
      ["another version", JSON.stringify({ schema_version: 2, roots: [], policy: null })],
    ])("refuses %s", async (_, text) => {
      dir.write("x.json", text);
      const { code, err } = await run("policy", "publish", dir.at("x.json"));
      expect([code, err.includes("SIGIL_SERVER_POLICY")]).toEqual([3, true]);
      expect(await json("policy", "list")).toEqual([]);
    });
  });

  describe("when it runs", () => {
    it("says where, and ends cleanly on SIGTERM", async () => {
      await run("ca", "init");
      dir.write("server.yaml", "listen: {port: 0}\napi: {port: 0}\n");
      const child = spawn(process.execPath, nodeArgs(["--config", dir.at("server.yaml"), "run"]), {
        env: quietEnv(dir.path),
      });
      let log = "";
      child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
      await eventually(() => log.includes('"msg":"listening"'));
      const { ingest, api } = JSON.parse(log.split("\n")[0] ?? "") as Record<string, string>;
      expect([ingest, api]).toEqual([
        expect.stringMatching(/^https:/),
        expect.stringMatching(/^https:/),
      ]);
      const second = await run("--config", dir.at("server.yaml"), "run");
      expect([second.code, second.err.includes("SIGIL_SERVER_RUNNING")]).toEqual([4, true]);
      expect((await run("--config", dir.at("server.yaml"), "doctor")).code).toBe(0);
      child.kill("SIGHUP");
      await eventually(() => log.includes("certificates read again"));
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([0, null]);
      expect(log).toContain('"msg":"stopped"');
    });
  });
});
