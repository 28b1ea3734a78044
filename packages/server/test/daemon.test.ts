import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, type AgentOptions } from "node:https";
import { connect as plain, createServer, type AddressInfo } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { once } from "node:events";
import { createAuthority as throwaway, eventually } from "@sigil/testkit";
import { X509Certificate } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { issueLeaf } from "../src/ca/certificate.ts";
import { newKeyPair, signingKey } from "../src/ca/keys.ts";
import { issueServerCertificate } from "../src/ca/server.ts";
import { x509 } from "../src/ca/x509.ts";
import type { Daemon } from "../src/daemon.ts";
import { batchOf, prepareServer, type Credentials, type Prepared } from "./running.ts";

const DAY = 86_400_000;

describe("the server", () => {
  const prepared: Prepared[] = [];
  const prepare = async (...args: Parameters<typeof prepareServer>) => {
    const server = await prepareServer(...args);
    prepared.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of prepared.splice(0)) await server.end();
  });
  const hello = (
    server: Prepared,
    daemon: Daemon,
    who: Pick<Credentials, "cert" | "key">,
    agent?: Agent,
  ) =>
    server.ask(`${daemon.ingest}/v1/hello`, {
      cert: who.cert,
      key: who.key,
      ...(agent ? { agent } : {}),
    });

  describe("when it starts", () => {
    it("refuses to without a certificate, and leaves nothing behind", async () => {
      const server = await prepare();
      rmSync(server.files.ownCertificate);
      await expect(server.start()).rejects.toMatchObject({ code: "SIGIL_SERVER_TLS" });
      expect(existsSync(server.files.registry)).toBe(false);
      expect(existsSync(server.files.store)).toBe(false);
    });

    it("counts a damaged store that it set aside", async () => {
      const server = await prepare();
      writeFileSync(server.files.store, "x".repeat(10_000));
      const daemon = await server.start();
      const authorization = `Bearer ${server.token(["metrics"])}`;
      const { text } = await server.ask(`${daemon.api}/metrics`, { headers: { authorization } });
      expect(text).toContain("\nsigil_server_store_set_aside_total 1\n");
    });

    it("refuses to without a CA for hosts", async () => {
      const server = await prepare();
      rmSync(server.files.authority.directory, { recursive: true });
      await expect(server.start()).rejects.toMatchObject({ code: "SIGIL_SERVER_CA_ABSENT" });
    });

    it("refuses to with a key that is another's, or that others can read", async () => {
      const server = await prepare();
      const { ownCertificate: file } = server.files;
      const [cert, key] = readFileSync(file, "utf8").split(/(?=-----BEGIN PRIVATE)/);
      writeFileSync(file, `${cert}${(await newKeyPair()).keyPem}`);
      await expect(server.start()).rejects.toThrow(/do not belong together/);
      writeFileSync(file, `${cert}${key}`);
      if (process.platform !== "win32") chmodSync(file, 0o644);
      await expect(server.start()).rejects.toThrow(/others can read/);
    });

    it("refuses a second server on its stores", async () => {
      const server = await prepare();
      await server.start();
      await expect(server.start()).rejects.toMatchObject({ code: "SIGIL_SERVER_RUNNING" });
    });

    it("refuses a port that is taken, and gives back what it took", async () => {
      const first = await prepare();
      const port = Number(new URL((await first.start()).api).port);
      const free = await freePort();
      const second = await prepare({ listen: { port: free }, api: { port } });
      await expect(second.start()).rejects.toMatchObject({ code: "SIGIL_SERVER_LISTEN" });
      expect(await refuses(`https://127.0.0.1:${free}`)).toBe(true);
      await expect(second.start()).rejects.toMatchObject({ code: "SIGIL_SERVER_LISTEN" });
    });

    it("binds loopback and says where", async () => {
      const server = await prepare();
      const { ingest, api } = await server.start();
      for (const url of [ingest, api]) expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
      expect(server.log).toContainEqual({
        level: "info",
        fields: { ingest, api },
        text: "listening",
      });
    });
  });

  describe("when a host sends", () => {
    it("stores the batch, and shows it to those with a token", async () => {
      const server = await prepare();
      const daemon = await server.start();
      const who = await server.host("host-a");
      const sent = await server.send(daemon, who, { events: [{}, {}, {}] });
      expect(sent.json()).toMatchObject({ accepted: 3, duplicate: 0, rejected: [], high_water: 3 });
      const token = server.token(["read"]);
      const read = await server.read(`${daemon.api}/v1/events`, token);
      expect(read.json()["items"]).toHaveLength(3);
    });

    it("speaks TLS 1.3 only, and HTTP/1.1", async () => {
      const server = await prepare();
      const { ingest } = await server.start();
      const who = await server.host("host-a");
      const port = Number(new URL(ingest).port);
      const common = {
        port,
        host: "127.0.0.1",
        ca: server.authority.caPem,
        cert: who.cert,
        key: who.key,
      };
      const old = connect({ ...common, maxVersion: "TLSv1.2" });
      await expect(once(old, "secureConnect")).rejects.toThrow();
      const now = connect({ ...common, ALPNProtocols: ["h2", "http/1.1"] });
      await once(now, "secureConnect");
      expect([now.getProtocol(), now.alpnProtocol]).toEqual(["TLSv1.3", "http/1.1"]);
      now.destroy();
    });

    it.each(["no certificate", "another CA's", "an expired one", "one that is not yet valid"])(
      "lets nobody in with %s",
      async (what) => {
        const server = await prepare();
        const daemon = await server.start();
        const other = await throwaway();
        const { certPem: cert, keyPem: key } = await other.issueHost("host-a");
        const credentials = {
          "no certificate": {},
          "another CA's": { cert, key },
          "an expired one": await server.host("host-a", "default", -1),
          "one that is not yet valid": await notYetValid(server),
        }[what] as Credentials;
        await expect(hello(server, daemon, credentials)).rejects.toThrow();
      },
    );

    it("does not know a certificate that its registry does not, whoever signed it", async () => {
      const server = await prepare();
      const daemon = await server.start();
      const { certPem: cert, keyPem: key } = await issueOnly(server, "host-a");
      expect((await hello(server, daemon, { cert, key })).json()).toMatchObject({
        type: "urn:sigil:problem:certificate-unknown",
      });
    });

    it("does not take one host's batch from another", async () => {
      const server = await prepare();
      const daemon = await server.start();
      const [who, other] = [await server.host("host-a"), await server.host("host-b")];
      const { body } = batchOf(other.hostId, { events: [{}] });
      const sent = await server.send(daemon, who, { events: [] }, { body });
      expect(sent.json()).toMatchObject({ type: "urn:sigil:problem:identity-mismatch" });
    });
  });

  describe("when a certificate is revoked", () => {
    it("closes its open connections within a second, and no others", async () => {
      const server = await prepare();
      const daemon = await server.start();
      const [bad, good] = [await server.host("bad"), await server.host("good")];
      const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })] as const;
      await hello(server, daemon, bad, agents[0]);
      await hello(server, daemon, good, agents[1]);
      const [badSocket, goodSocket] = agents.map(idleSocket);
      const closed = once(badSocket as TLSSocket, "close");
      server.withRegistry((registry) =>
        registry.revoke(bad.serial, "stolen", new Date().toISOString()),
      );
      await closed;
      expect(goodSocket?.destroyed).toBe(false);
      expect((await hello(server, daemon, good, agents[1])).status).toBe(200);
      expect((await hello(server, daemon, bad)).json()).toMatchObject({
        type: "urn:sigil:problem:certificate-revoked",
      });
      for (const agent of agents) agent.destroy();
    });

    it("also does not serve a session that is resumed", async () => {
      const server = await prepare();
      const daemon = await server.start();
      const who = await server.host("host-a");
      const session = await sessionOf(server, daemon, who);
      server.withRegistry((registry) =>
        registry.revoke(who.serial, "stolen", new Date().toISOString()),
      );
      const { text, isResumed } = await resume(server, daemon, who, session);
      expect(isResumed).toBe(true);
      expect(text).toContain("certificate-revoked");
    });

    it("knows whom a resumed session belongs to", async () => {
      const server = await prepare();
      const daemon = await server.start();
      const who = await server.host("host-a");
      const session = await sessionOf(server, daemon, who);
      const { text, isResumed } = await resume(server, daemon, who, session);
      expect([isResumed, text.includes('"host_id":"host-a"')]).toEqual([true, true]);
    });
  });

  describe("when a certificate ends while its connection is open", () => {
    it("closes the connection", async () => {
      let now = Date.now();
      const server = await prepare();
      const daemon = await server.start(() => now);
      const who = await server.host("host-a", "default", 10);
      const agent = new Agent({ keepAlive: true });
      await hello(server, daemon, who, agent);
      const closed = once(idleSocket(agent) as TLSSocket, "close");
      now += 11 * DAY;
      await closed;
      agent.destroy();
    });
  });

  describe("when a host opens too many connections", () => {
    it("closes its oldest, and leaves other hosts alone", async () => {
      const server = await prepare({ limits: { max_connections_per_host: 2 } });
      const daemon = await server.start();
      const [one, other] = [await server.host("one"), await server.host("other")];
      const keep = (): Agent => new Agent({ keepAlive: true });
      const agents = [keep(), keep(), keep()];
      const bystander = keep();
      await hello(server, daemon, other, bystander);
      const sockets: TLSSocket[] = [];
      for (const agent of agents) {
        await hello(server, daemon, one, agent);
        sockets.push(idleSocket(agent) as TLSSocket);
      }
      await eventually(() => sockets[0]?.destroyed ?? false);
      expect(sockets.slice(1).map(({ destroyed }) => destroyed)).toEqual([false, false]);
      expect(idleSocket(bystander)?.destroyed).toBe(false);
      for (const agent of [...agents, bystander]) agent.destroy();
    });
  });

  describe("when its own certificate changes", () => {
    it("uses the new one for new connections, without a restart", async () => {
      const server = await prepare();
      const daemon = await server.start();
      const before = await served(server, daemon.api);
      const { authority, files } = server;
      await issueServerCertificate(authority, {
        file: files.ownCertificate,
        names: ["127.0.0.1"],
        days: 100,
      });
      await daemon.reload();
      for (const url of [daemon.api, daemon.ingest])
        expect(await served(server, url)).not.toBe(before);
    });

    it("keeps the old one when the new one cannot be used", async () => {
      const server = await prepare();
      const daemon = await server.start();
      const before = await served(server, daemon.api);
      writeFileSync(server.files.ownCertificate, "nonsense");
      await expect(daemon.reload()).rejects.toMatchObject({ code: "SIGIL_SERVER_TLS" });
      expect(await served(server, daemon.api)).toBe(before);
    });

    it("still requires certificates of hosts afterwards", async () => {
      const server = await prepare();
      const daemon = await server.start();
      await daemon.reload();
      const who = await server.host("host-a");
      expect((await hello(server, daemon, who)).status).toBe(200);
      await expect(hello(server, daemon, {} as Credentials)).rejects.toThrow();
    });

    it.each([
      ["ends soon", 20],
      ["has ended", -1],
    ])("makes itself another for the same names when the old one %s", async (_, days) => {
      const server = await prepare();
      const { authority, files } = server;
      const names = ["127.0.0.1", "sigil.example", "2001:db8::1"];
      await issueServerCertificate(authority, { file: files.ownCertificate, names, days });
      const daemon = await server.start();
      const { validToDate, subjectAltName } = new X509Certificate(await served(server, daemon.api));
      expect(validToDate.getTime()).toBeGreaterThan(Date.now() + 300 * DAY);
      expect(subjectAltName).toContain("DNS:sigil.example");
    });
  });

  describe("when a client misbehaves", () => {
    const limits = { headers_timeout_ms: 200, handshake_timeout_ms: 200, max_header_bytes: 4096 };
    const endOf = async (socket: TLSSocket, sent: string) => {
      await once(socket, "secureConnect");
      socket.write(sent);
      return allOf(socket);
    };

    it("ends a handshake that does not come, headers that do not end, headers that are too many, and what is no HTTP", async () => {
      const server = await prepare({ limits });
      const daemon = await server.start();
      const who = await server.host("host-a");
      const open = (url: string) => connect(options(server, url, who) as never);
      const silent = plain(Number(new URL(daemon.ingest).port), "127.0.0.1");
      const silence = once(silent, "close");
      for (const url of [daemon.ingest, daemon.api]) {
        expect(await endOf(open(url), GET_HELLO.slice(0, -2))).toMatch(
          /^HTTP\/1\.1 408 [^]*problem\+json/,
        );
        const flood = `GET / HTTP/1.1\r\n${"x-a: b\r\n".repeat(2000)}\r\n`;
        expect(await endOf(open(url), flood)).toMatch(/^HTTP\/1\.1 431 [^]*problem\+json/);
        expect(await endOf(open(url), "\u0000\u0001 nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
      }
      await silence;
      expect((await hello(server, daemon, who)).status).toBe(200);
    });

    it("takes no more connections than it should, and takes them again afterwards", async () => {
      const server = await prepare({
        limits: { max_connections: 3, max_connections_per_host: 100 },
      });
      const daemon = await server.start();
      const who = await server.host("host-a");
      const open = () => connect(options(server, daemon.ingest, who) as never);
      const held = [open(), open(), open()];
      await Promise.all(held.map((socket) => once(socket, "secureConnect")));
      await expect(hello(server, daemon, who)).rejects.toThrow();
      for (const socket of held) socket.destroy();
      await eventually(async () => (await hello(server, daemon, who)).status === 200);
    });
  });

  describe("when it stops", () => {
    it("finishes what is under way, and takes nothing new", async () => {
      const server = await prepare();
      const daemon = await server.start();
      const who = await server.host("host-a");
      const upload = await slowUpload(server, daemon, who);
      const late = await partOfRequest(server, daemon, who);
      const stopped = daemon.stop();
      await eventually(() => refuses(daemon.api));
      upload.finish();
      expect(await upload.answer).toMatch(/^HTTP\/1\.1 200 [^]*"accepted":1/);
      late.finish();
      expect(await late.answer).toMatch(
        /^HTTP\/1\.1 503 [^]*retry-after: \d+[^]*urn:sigil:problem:draining/i,
      );
      await stopped;
    });

    it("does not wait for ever", async () => {
      const server = await prepare({ drain_ms: 100 });
      const daemon = await server.start();
      const who = await server.host("host-a");
      const upload = await slowUpload(server, daemon, who);
      const idle = plain(Number(new URL(daemon.ingest).port), "127.0.0.1");
      await once(idle, "connect");
      await daemon.stop();
      await expect(upload.answer).resolves.toBe("");
      idle.destroy();
    });

    it("starts again with what it had", async () => {
      const server = await prepare();
      const who = await server.host("host-a");
      const token = server.token(["read"]);
      const first = await server.start();
      await server.send(first, who, { events: [{}, {}] });
      await first.stop();
      const second = await server.start();
      const read = await server.read(`${second.api}/v1/hosts`, token);
      expect(read.json()["items"]).toMatchObject([{ host_id: "host-a", events: 2 }]);
    });
  });
});

function idleSocket(agent: Agent): TLSSocket | undefined {
  return Object.values(agent.freeSockets).flat()[0] as TLSSocket | undefined;
}

async function issueOnly(server: Prepared, hostId: string) {
  const { publicKey, keyPem } = await newKeyPair();
  const { certPem } = await server.authority.issueHost({ hostId, publicKey, days: 1 });
  return { certPem, keyPem };
}

/** Signed by the server's CA, valid from tomorrow. */
async function notYetValid(server: Prepared): Promise<Credentials> {
  const issuer = {
    certificate: new x509.X509Certificate(server.authority.caPem),
    key: signingKey(readFileSync(server.files.authority.key, "utf8")),
  };
  const { publicKey, keyPem } = await newKeyPair();
  const about = { use: "client", serial: "4001", names: ["sigil:host:host-a"], publicKey } as const;
  const cert = await issueLeaf(issuer, { ...about, now: Date.now() + DAY, days: 9 });
  return { hostId: "host-a", serial: "4001", cert, key: keyPem };
}

function options(server: Prepared, url: string, who: Credentials): AgentOptions & { port: number } {
  const port = Number(new URL(url).port);
  return { host: "127.0.0.1", port, ca: server.authority.caPem, cert: who.cert, key: who.key };
}

const GET_HELLO = "GET /v1/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

async function sessionOf(server: Prepared, daemon: Daemon, who: Credentials): Promise<Buffer> {
  const socket = connect(options(server, daemon.ingest, who) as never);
  const [session] = (await once(socket, "session")) as [Buffer];
  socket.destroy();
  return session;
}

async function resume(server: Prepared, daemon: Daemon, who: Credentials, session: Buffer) {
  const socket = connect({ ...options(server, daemon.ingest, who), session } as never);
  await once(socket, "secureConnect");
  const isResumed = socket.isSessionReused();
  socket.write(GET_HELLO);
  return { text: await allOf(socket), isResumed };
}

async function allOf(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  if (!socket.closed) await once(socket, "close").catch(() => undefined);
  return Buffer.concat(chunks).toString("utf8");
}

/** The certificate a listener shows, PEM. */
async function served(server: Prepared, url: string): Promise<string> {
  const port = Number(new URL(url).port);
  const socket = connect({ host: "127.0.0.1", port, ca: server.authority.caPem });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  const pem = socket.getPeerX509Certificate()?.toString() ?? "";
  socket.destroy();
  return pem;
}

/** A batch of which the last byte is missing. */
async function slowUpload(server: Prepared, daemon: Daemon, who: Credentials) {
  const { body } = batchOf(who.hostId, { events: [{}] });
  const socket = connect(options(server, daemon.ingest, who) as never);
  await once(socket, "secureConnect");
  socket.write(
    `POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/vnd.sigil.batch.v1+jsonl\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  socket.write(body.subarray(0, -1));
  const answer = allOf(socket);
  return { answer, finish: () => void socket.write(body.subarray(-1)) };
}

/** A request of which the last header is missing. */
async function partOfRequest(server: Prepared, daemon: Daemon, who: Credentials) {
  const socket = connect(options(server, daemon.ingest, who) as never);
  await once(socket, "secureConnect");
  socket.write(GET_HELLO.slice(0, -2));
  return { answer: allOf(socket), finish: () => void socket.write("\r\n") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function refuses(url: string): Promise<boolean> {
  const socket = plain(Number(new URL(url).port), "127.0.0.1");
  const result = await Promise.race([
    once(socket, "connect").then(() => false),
    once(socket, "error").then(() => true),
  ]).catch(() => true);
  socket.destroy();
  return result;
}
