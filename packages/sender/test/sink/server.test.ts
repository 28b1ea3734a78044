import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { createAuthority, eventually, type Authority } from "@sigil/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { json, problem } from "../kit/receiver.ts";
import { createRig, eventLine, HOST, identityFor, identityOf, type Rig } from "../kit/rig.ts";
import type { RigOptions } from "../kit/rig.ts";

let rig: Rig;
let authority: Authority;
let stranger: Authority;
const servers: Server[] = [];
beforeAll(async () => {
  authority = await createAuthority();
  stranger = await createAuthority();
});
const open = async (options: RigOptions = {}) => (rig = await createRig({ authority, ...options }));
afterEach(async () => await rig.close());
afterAll(() => {
  for (const server of servers) server.close();
});

/** Ten events in the spool; `attempts` tries to deliver them. */
async function attempt(attempts: number) {
  await rig.append(1, 10);
  return await rig.dispatcher.once(attempts);
}

const failures = () =>
  rig.notes.flatMap((note) => (note.kind === "tls_failure" ? [note.cause] : []));

function expectNothingMoved() {
  expect(rig.receiver.batches).toHaveLength(0);
  expect(rig.source.acked).toBe(0);
}

describe("the server sink", () => {
  describe("when the server's certificate is wrong", () => {
    const cases = {
      "of an authority nobody named": [
        "server_certificate_untrusted",
        () => stranger.issueServer(),
      ],
      expired: [
        "server_certificate_expired",
        () => authority.issueServer(undefined, { expired: true }),
      ],
      "not yet valid": [
        "server_certificate_expired",
        () => authority.issueServer(undefined, { notYet: true }),
      ],
      "another server's": [
        "server_name_mismatch",
        () => authority.issueServer(["elsewhere.example"]),
      ],
      "a host's": ["server_certificate_untrusted", () => authority.issueHost(HOST)],
    } as const;
    for (const [name, [cause, issue]] of Object.entries(cases)) {
      it(`sends nothing to one that is ${name}, and says so once`, async () => {
        await open({ pair: await issue() });
        expect(await attempt(3)).toMatchObject({ kind: "undelivered" });
        expect(rig.receiver.asked).toHaveLength(0);
        expectNothingMoved();
        expect(failures()).toEqual([cause]);
        expect(rig.meter.reading().state).toBe("refused");
      });
    }

    it("takes it under the name that was configured", async () => {
      await open({
        pair: await authority.issueServer(["elsewhere.example"]),
        settings: { server: { server_name: "elsewhere.example" } },
      });
      expect(await attempt(1)).toEqual({ kind: "drained" });
    });
  });

  describe("when this host's own certificate cannot be used", () => {
    it("does not even connect with one that is expired", async () => {
      await open();
      const detail = "expired yesterday";
      rig.identity.set({ problem: { cause: "own_certificate_expired", detail } });
      await attempt(2);
      expect(rig.receiver.connections()).toBe(0);
      expectNothingMoved();
      expect(rig.notes).toMatchObject([
        { kind: "tls_failure", cause: "own_certificate_expired", detail },
      ]);
    });

    it("lets go of an open connection when it expires", async () => {
      await open();
      await attempt(1);
      rig.identity.set({ problem: { cause: "own_certificate_expired", detail: "just now" } });
      await rig.append(11, 12);
      await rig.dispatcher.once(1);
      expect(rig.source.acked).toBe(10);
      rig.identity.set({ problem: null });
      await rig.dispatcher.once(1);
      expect(rig.source.acked).toBe(12);
      expect(rig.receiver.connections()).toBe(2);
    });

    it("says that a key of another certificate is of no use", async () => {
      const one = await authority.issueHost(HOST);
      const other = await authority.issueHost(HOST);
      const { caPem } = authority;
      await open({
        identity: identityOf({ ...one, keyPem: other.keyPem, hostId: HOST, caPem }),
      });
      await attempt(2);
      expect(rig.receiver.connections()).toBe(0);
      expect(failures()).toEqual(["own_certificate_unusable"]);
    });
  });

  describe("when the server does not want this host's certificate", () => {
    it("moves nothing and says so, although the handshake seemed to succeed", async () => {
      const expired = await authority.issueHost(HOST, { expired: true });
      await open({
        identity: identityOf({ ...expired, hostId: HOST, caPem: authority.caPem }),
      });
      expect(await attempt(4)).toMatchObject({ reason: "own-certificate-rejected" });
      expectNothingMoved();
      expect(failures()).toEqual(["own_certificate_rejected"]);
    });

    it("takes one reset for chance", async () => {
      await open();
      let first = true;
      rig.receiver.onHello = (req) => {
        const isFirst = first;
        first = false;
        if (isFirst) req.socket.destroy();
        return isFirst;
      };
      expect(await attempt(3)).toEqual({ kind: "drained" });
      expect(failures()).toEqual([]);
    });

    for (const [name, cause] of [
      ["certificate-revoked", "own_certificate_revoked"],
      ["certificate-unknown", "own_certificate_rejected"],
      ["identity-missing", "own_certificate_rejected"],
      ["identity-mismatch", "own_certificate_other_host"],
    ] as const) {
      it(`says ${cause} when the hello is answered with ${name}`, async () => {
        await open();
        rig.receiver.onHello = (_req, res) => {
          problem(res, 403, name);
          return true;
        };
        await attempt(3);
        expectNothingMoved();
        expect(failures()).toEqual([cause]);
      });
    }

    it("refuses to be taken for another host", async () => {
      await open();
      rig.receiver.hostId = "somebody-else";
      await attempt(2);
      expectNothingMoved();
      expect(failures()).toEqual(["own_certificate_other_host"]);
    });
  });

  describe("when the hello goes wrong", () => {
    const answers: Record<string, { status: number; body: unknown; reason: string }> = {
      garbage: { status: 200, body: "hello there", reason: "hello-malformed" },
      "a page that is not there": { status: 404, body: "no", reason: "http-404" },
      "an error": { status: 500, body: "no", reason: "http-500" },
      "a hello of another version": {
        status: 200,
        body: { wire_version: 2 },
        reason: "hello-malformed",
      },
    };
    for (const [name, { reason, ...hello }] of Object.entries(answers)) {
      it(`sends no batch after ${name}`, async () => {
        await open();
        rig.receiver.hello = hello;
        expect(await attempt(3)).toMatchObject({ kind: "undelivered", reason });
        expectNothingMoved();
        rig.receiver.hello = null;
        expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      });
    }

    it("waits as long as it is asked to", async () => {
      await open();
      const busy = { status: 503, body: "busy", type: "text/plain" };
      rig.receiver.hello = { ...busy, headers: { "retry-after": "9" } };
      await attempt(2);
      expect(rig.timers.slept.filter((ms) => ms > 0)).toEqual([9250]);
    });
  });

  describe("when the connection is idle and the server ends it", () => {
    it("opens another, says hello on it and takes up the TLS session", async () => {
      await open();
      const resumed: boolean[] = [];
      rig.receiver.onHello = (req) => {
        resumed.push((req.socket as unknown as { isSessionReused(): boolean }).isSessionReused());
        return false;
      };
      await attempt(1);
      for (const { req } of rig.receiver.batches) req.socket.destroy();
      await rig.append(11, 20);
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(resumed).toEqual([false, true]);
    });
  });

  describe("when the certificate is replaced under load", () => {
    it("finishes the batch under way, then goes on with the new one, and loses nothing", async () => {
      await open({ settings: { batch: { max_events: 5 } } });
      const serials = new Set<string>();
      rig.receiver.always = ({ req }, next) => {
        const socket = req.socket as unknown as {
          getPeerCertificate(): { serialNumber: string };
        };
        serials.add(socket.getPeerCertificate().serialNumber);
        next();
      };
      const running = rig.dispatcher.run();
      for (let round = 0; round < 6; round += 1) {
        await rig.append(round * 50 + 1, round * 50 + 50);
        rig.identity.set(await authority.issueHost(HOST));
      }
      await eventually(() => rig.source.acked === 300);
      await rig.dispatcher.stop();
      await running;
      expect(rig.received()).toEqual(Array.from({ length: 300 }, (_, at) => eventLine(at + 1)));
      expect(serials.size).toBeGreaterThan(1);
      const sent = rig.receiver.batches.map(({ manifest }) => manifest.first_sequence);
      expect(new Set(sent).size).toBe(sent.length);
    });
  });

  describe("when the certificate is replaced while it connects", () => {
    it("does not speak for the old one any more", async () => {
      await open();
      const { signal } = new AbortController();
      const next = await authority.issueHost(HOST);
      const greeting = rig.sink.greet(null, signal);
      // The connection is begun; its handshake needs many more turns.
      await new Promise((resolve) => setImmediate(resolve));
      rig.identity.set(next);
      expect(await greeting).toMatchObject({ kind: "fault", fault: { kind: "spent" } });
      expect(rig.receiver.asked).toHaveLength(0);
      expect(await rig.sink.greet(null, signal)).toMatchObject({ kind: "greeted" });
    });
  });

  describe("when the server speaks something else", () => {
    it("calls a server without TLS a failed handshake", async () => {
      const plain = await listen(createServer((socket) => socket.end("HTTP/1.1 400 Bad\r\n\r\n")));
      await open({ url: `https://127.0.0.1:${plain}` });
      await attempt(2);
      expect(failures()).toEqual(["handshake_failed"]);
    });

    it("gives up a handshake that is never finished", async () => {
      const mute = await listen(createServer(() => {}));
      await open({
        url: `https://127.0.0.1:${mute}`,
        settings: { timeout: { connect_ms: 100 } },
      });
      expect(await attempt(2)).toMatchObject({ reason: "connect-timeout" });
    });

    it("does not go below the oldest protocol allowed", async () => {
      const pair = await authority.issueServer();
      const old = createTlsServer({ cert: pair.certPem, key: pair.keyPem, maxVersion: "TLSv1.2" });
      old.on("tlsClientError", () => {});
      await open({ url: `https://127.0.0.1:${await listen(old)}` });
      await attempt(2);
      expect(failures()).toEqual(["handshake_failed"]);
    });
  });

  describe("when two streams share it", () => {
    it("uses one connection and asks for the head of a spool it did not know before", async () => {
      await open();
      await attempt(1);
      const { signal } = new AbortController();
      const greetings = await Promise.all([
        rig.sink.greet("01ARZ3NDEKTSV4RRFFQ69G5FAV", signal),
        rig.sink.greet(rig.source.spoolId, signal),
        rig.sink.greet(null, signal),
      ]);
      expect(greetings.map((one) => one.kind)).toEqual(["greeted", "greeted", "greeted"]);
      expect(rig.receiver.connections()).toBe(1);
      expect(rig.receiver.asked.filter(({ url }) => url.startsWith("/v1/hello"))).toHaveLength(2);
    });
  });

  describe("when it is asked for other things", () => {
    it("gives answers below the server's path, bounded", async () => {
      await open();
      const { signal } = new AbortController();
      const greeting = await rig.sink.greet(null, signal);
      if (greeting.kind !== "greeted") throw new Error("not greeted");
      rig.receiver.onHello = (_req, res) => {
        json(res, 200, "x".repeat(5000), "text/plain", { etag: '"1"' });
        return true;
      };
      const ask = (maxBytes: number) =>
        rig.sink.send(greeting, { method: "GET", path: "/v1/hello", maxBytes }, signal);
      expect(await ask(5000)).toMatchObject({ status: 200, headers: { etag: '"1"' } });
      expect(await ask(4999)).toMatchObject({ fault: { reason: "answer-too-large" } });
      expect(await ask(5000)).toMatchObject({ fault: { kind: "spent" } });
    });
  });

  describe("when nothing is configured", () => {
    it("says which file names no server", async () => {
      await open();
      const { createServerSink } = await import("../../src/sink/server.ts");
      const config = { server: null, file: "/etc/sender.yaml", settings: rig.settings };
      const identity = await identityFor(authority);
      expect(() => createServerSink({ config, identity, env: {} })).toThrow("/etc/sender.yaml");
    });
  });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}
