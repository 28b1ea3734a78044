import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { zstdCompressSync } from "node:zlib";
import { ackSchema, BATCH_TYPE } from "@sigil/core";
import { readStore } from "../src/store/sqlite.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Daemon } from "../src/daemon.ts";
import { storeOptions, ulid, uuid } from "./kit.ts";
import { batchOf, prepareServer, type Credentials, type Prepared } from "./running.ts";

const MIB = 1024 * 1024;

describe("an ingest that is attacked by a host it knows", () => {
  let server: Prepared;
  let daemon: Daemon;
  let attacker: Credentials;
  let friend: Credentials;

  beforeAll(async () => {
    server = await prepareServer({
      drain_ms: 500,
      limits: {
        headers_timeout_ms: 300,
        request_timeout_ms: 1000,
        max_body_bytes: MIB,
        max_batch_bytes: 2 * MIB,
        max_admitting: 1,
        max_admitting_large: 1,
      },
    });
    daemon = await server.start();
    attacker = await server.host("attacker");
    friend = await server.host("friend");
  });
  afterAll(() => server.end());

  async function dial(who: Credentials): Promise<TLSSocket> {
    const { hostname, port } = new URL(daemon.ingest);
    const { cert, key } = who;
    const ca = server.authority.caPem;
    const socket = connect({ host: hostname, port: Number(port), ca, cert, key });
    socket.on("error", () => undefined);
    await once(socket, "secureConnect");
    return socket;
  }

  /** All that comes until the server closes. */
  async function untilClosed(socket: TLSSocket): Promise<string> {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
    return Buffer.concat(chunks).toString("latin1");
  }

  const headOf = (length: number | "chunked") =>
    `POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: ${BATCH_TYPE}\r\n${
      length === "chunked" ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`
    }\r\n\r\n`;

  /** The others are served meanwhile and afterwards. */
  async function expectServed(): Promise<void> {
    const answer = await server.send(daemon, friend, { events: [{ event_id: uuid() }] });
    expect(ackSchema.parse(answer.json())).toMatchObject({ accepted: 1, rejected: [] });
  }

  describe("when headers never end", () => {
    it("cuts the connection off, and serves others meanwhile", async () => {
      const sockets = await Promise.all(Array.from({ length: 5 }, () => dial(attacker)));
      for (const socket of sockets) socket.write("POST /v1/events HTTP/1.1\r\nHost: x\r\nX-A: ");
      const closed = Promise.all(sockets.map(untilClosed));
      await expectServed();
      for (const answer of await closed) expect(answer).not.toContain("200 OK");
    });
  });

  describe("when bodies never end", () => {
    it("cuts the connections off, and serves others meanwhile: none holds the one place there is", async () => {
      const sockets = await Promise.all(Array.from({ length: 5 }, () => dial(attacker)));
      for (const socket of sockets) socket.write(`${headOf(1000)}{`);
      const closed = Promise.all(sockets.map(untilClosed));
      await expectServed();
      for (const answer of await closed) expect(answer).not.toContain("200 OK");
      await expectServed();
    });
  });

  describe("when headers are a flood", () => {
    it("refuses them", async () => {
      const socket = await dial(attacker);
      const answer = untilClosed(socket);
      socket.write(
        `GET /v1/hello HTTP/1.1\r\nHost: x\r\n${"X-Flood: aaaaaaaaaaaaaaaa\r\n".repeat(4000)}\r\n`,
      );
      // The answer may be lost: the connection is closed on what is still coming.
      expect(await answer).toMatch(/^(HTTP\/1\.1 431 |$)/);
      await expectServed();
    });
  });

  describe("when it is not HTTP", () => {
    it("refuses it", async () => {
      const socket = await dial(attacker);
      const answer = untilClosed(socket);
      socket.write("\0\x01\x02 this is not HTTP\r\n\r\n");
      expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
      await expectServed();
    });
  });

  describe("when a body is larger than it may be", () => {
    it("says so at once, and does not take it all", async () => {
      const socket = await dial(attacker);
      let isClosed = false;
      const answer = untilClosed(socket).finally(() => (isClosed = true));
      socket.write(headOf("chunked"));
      const chunk = Buffer.concat([
        Buffer.from("10000\r\n"),
        Buffer.alloc(0x10000),
        Buffer.from("\r\n"),
      ]);
      let sent = 0;
      while (!isClosed && sent < 64 * MIB) {
        if (!socket.write(chunk))
          await Promise.race([once(socket, "drain"), answer]).catch(() => 0);
        sent += chunk.length;
      }
      expect(await answer).toMatch(/^HTTP\/1\.1 413 [^]*urn:sigil:problem:batch-too-large/);
      expect(sent).toBeLessThan(64 * MIB);
      await expectServed();
    });

    it("lets its client read the answer and go on with the same connection", async () => {
      const socket = await dial(attacker);
      socket.write(headOf(MIB + 1));
      socket.write(Buffer.alloc(MIB + 1));
      const [first] = (await once(socket, "data")) as [Buffer];
      expect(first.toString()).toMatch(/^HTTP\/1\.1 413 /);
      socket.write("GET /v1/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      expect(await untilClosed(socket)).toMatch(/HTTP\/1\.1 200 OK/);
    });

    it("does so too when the length was not said", async () => {
      const socket = await dial(attacker);
      const chunk = (size: number) =>
        Buffer.concat([
          Buffer.from(`${size.toString(16)}\r\n`),
          Buffer.alloc(size),
          Buffer.from("\r\n"),
        ]);
      const answer = untilClosed(socket);
      socket.write(headOf("chunked"));
      for (const size of [MIB, MIB / 2, 0]) socket.write(chunk(size));
      socket.write("GET /v1/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      expect(await answer).toMatch(/^HTTP\/1\.1 413 [^]*HTTP\/1\.1 200 OK/);
    });

    it("refuses a bomb", async () => {
      const body = zstdCompressSync(Buffer.alloc(512 * MIB));
      const headers = { "content-type": BATCH_TYPE, "content-encoding": "zstd" };
      const answer = await server.send(daemon, attacker, { events: [] }, { body, headers });
      expect(answer).toMatchObject({ status: 413 });
      expect(answer.json()).toMatchObject({ type: "urn:sigil:problem:batch-too-large" });
      await expectServed();
    });
  });

  describe("when lines are deep", () => {
    it("refuses those lines alone", async () => {
      let deep: unknown = {};
      for (let depth = 0; depth < 2000; depth += 1) deep = [deep];
      const events = [{ event_id: uuid(), deep }, { event_id: uuid() }];
      const ack = ackSchema.parse((await server.send(daemon, attacker, { events })).json());
      expect(ack).toMatchObject({
        accepted: 1,
        rejected: [{ sequence: 1, reason: "not_an_event" }],
      });
    });
  });

  describe("when it claims another's id", () => {
    it("refuses the batch, and lines in its own", async () => {
      const { body } = batchOf("friend", { events: [{ event_id: uuid() }] });
      const answer = await server.send(daemon, attacker, { events: [] }, { body });
      expect(answer.json()).toMatchObject({
        type: "urn:sigil:problem:identity-mismatch",
        status: 403,
      });
      const events = [{ event_id: uuid(), host_id: "friend" }];
      const ack = ackSchema.parse((await server.send(daemon, attacker, { events })).json());
      expect(ack.rejected).toMatchObject([{ reason: "host_id_mismatch" }]);
    });
  });

  describe("when the connection breaks in the middle", () => {
    it("stores nothing of it", async () => {
      const { body } = batchOf("attacker", {
        events: [{ event_id: "019e0cea-42f1-7ef3-9a6a-00000000dead" }],
      });
      const socket = await dial(attacker);
      socket.write(headOf(body.length));
      socket.write(body.subarray(0, -5));
      socket.destroy();
      await expectServed();
      const store = readStore(storeOptions(server.files.store));
      const events = await store?.events({ host: "attacker" }, { limit: 1000 });
      expect(events?.items.some(({ line }) => line.includes("00000000dead"))).toBe(false);
      await store?.close();
    });
  });

  describe("when one batch comes on many connections at once", () => {
    it("is taken once", async () => {
      const { body } = batchOf("attacker", {
        spool: ulid(),
        events: Array.from({ length: 20 }, () => ({ event_id: uuid() })),
      });
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => server.send(daemon, attacker, { events: [] }, { body })),
      );
      const acks = answers.map((answer) => ackSchema.parse(answer.json()));
      expect(acks.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(20);
      for (const ack of acks) expect(ack.accepted + ack.duplicate).toBe(20);
    });
  });
});
