import { chainText } from "@sigil/core";
import { toDigest } from "@sigil/core/plain";
import { loadHasher } from "@sigil/ports/hash";
import { eventually } from "@sigil/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { accept, json, problem, type Handler } from "./kit/receiver.ts";
import { createRig, eventLine, HOST, type Rig, type RigOptions } from "./kit/rig.ts";

let rig: Rig;
const open = async (options: RigOptions = {}) => (rig = await createRig(options));
afterEach(async () => await rig.close());

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => eventLine(from + index));
const tens = { settings: { batch: { max_events: 10 } } };
const kinds = () => rig.notes.map((note) => note.kind);
const ids = () => rig.receiver.batches.map(({ manifest }) => manifest.batch_id);

/** Delivers ten events while the first answers are the script's. */
async function deliver(script: readonly Handler[], options: RigOptions = tens) {
  await open(options);
  rig.receiver.script.push(...script);
  await rig.append(1, 10);
  return await rig.dispatcher.once(20);
}

/** The very same batch came twice and is on the receiver once. */
function expectRepeated(times = 2) {
  expect(ids()).toHaveLength(times);
  expect(new Set(ids()).size).toBe(1);
  expect(rig.received()).toEqual(lines(1, 10));
  expect(rig.source.acked).toBe(10);
}

describe("a delivery", () => {
  describe("when the connection is reset after the body was sent", () => {
    it("sends the very same batch again, which the receiver then knows", async () => {
      const reset: Handler = ({ req }) => void req.socket.destroy();
      expect(await deliver([reset])).toEqual({ kind: "drained" });
      expectRepeated();
      expect(rig.meter.reading().retries).toBe(1);
    });

    it("loses and doubles nothing if the receiver had stored it already", async () => {
      const stored: Handler = (arrived, next) => {
        arrived.res.end = (() => arrived.req.socket.destroy()) as never;
        next();
      };
      expect(await deliver([stored])).toEqual({ kind: "drained" });
      expectRepeated();
    });

    it("says hello on the new connection before it sends again", async () => {
      await deliver([({ req }) => void req.socket.destroy()]);
      expect(
        rig.receiver.asked.map(({ url, connection }) => [url.slice(0, 9), connection]),
      ).toEqual([
        ["/v1/hello", 1],
        ["/v1/event", 1],
        ["/v1/hello", 2],
        ["/v1/event", 2],
      ]);
    });
  });

  describe("when the answer is no acknowledgement of this batch", () => {
    const garbage: Record<string, Handler> = {
      "200 with garbage": ({ res }) => json(res, 200, "welcome to the hotel wifi"),
      "an acknowledgement of another batch": (arrived) =>
        json(arrived.res, 200, ackOf(arrived, { batch_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" })),
      "an acknowledgement of other lines": (arrived) =>
        json(arrived.res, 200, ackOf(arrived, { digest: `blake3:${"0".repeat(64)}` })),
      "an acknowledgement that does not add up": (arrived) =>
        json(arrived.res, 200, ackOf(arrived, { accepted: 3 })),
      "one that refuses what was not sent": (arrived) =>
        json(
          arrived.res,
          200,
          ackOf(arrived, {
            accepted: 9,
            rejected: [{ sequence: 77, event_id: null, reason: "not_json" }],
          }),
        ),
      "the right words as text/html": (arrived) =>
        json(arrived.res, 200, ackOf(arrived, {}), "text/html"),
      "204": ({ res }) => void res.writeHead(204).end(),
      "an answer that ends too early": (arrived) => {
        const text = JSON.stringify(ackOf(arrived, {}));
        arrived.res.writeHead(200, {
          "content-type": "application/json",
          "content-length": String(text.length),
        });
        arrived.res.write(text.slice(0, 20), () => arrived.req.socket.destroy());
      },
      "bytes that are not HTTP": ({ req }) => void req.socket.write("yes, fine\r\n\r\n"),
    };
    for (const [name, handler] of Object.entries(garbage)) {
      it(`does not take ${name} for one`, async () => {
        expect(await deliver([handler])).toEqual({ kind: "drained" });
        expectRepeated();
        expect(rig.meter.reading()).toMatchObject({ eventsAcked: 10, retries: 1 });
        expect(rig.quarantine.stats().entries).toBe(0);
      });
    }

    it("reads no more of it than the setting allows", async () => {
      const endless: Handler = ({ res, req }) => {
        res.writeHead(200, { "content-type": "application/json" });
        const more = () => {
          while (!req.socket.destroyed && res.write(" ".repeat(65_536)));
        };
        res.on("drain", more);
        more();
      };
      const settings = { batch: { max_events: 10 }, timeout: { ack_max_bytes: 4096 } };
      expect(await deliver([endless], { settings })).toEqual({ kind: "drained" });
      expectRepeated();
    });
  });

  describe("when the receiver cannot take it now", () => {
    for (const status of [500, 502, 503, 504, 408, 429]) {
      it(`waits and sends the same again after ${status}`, async () => {
        const busy: Handler = ({ res }) => json(res, status, "busy", "text/plain");
        expect(await deliver([busy, busy])).toEqual({ kind: "drained" });
        expectRepeated(3);
        expect(rig.timers.slept.filter((ms) => ms > 0)).toEqual([250, 500]);
        expect(kinds()).toEqual([]);
      });
    }

    it("waits as long as a 503 or 429 asks", async () => {
      const asks =
        (value: string): Handler =>
        ({ res }) =>
          problem(res, 429, "rate-limited", { "retry-after": value });
      const date = new Date(Date.now() + 90_000).toUTCString();
      await deliver([asks("7"), asks(date), asks("100000000")]);
      const [seconds = 0, until = 0, capped = 0] = rig.timers.slept.filter((ms) => ms > 0);
      expect(seconds).toBe(7250);
      expect(until).toBeGreaterThan(80_000);
      expect(until).toBeLessThan(91_000);
      expect(capped).toBe(3_600_250);
    });

    it("gives up a request that is not answered in time, and tries again", async () => {
      const settings = { batch: { max_events: 10 }, timeout: { headers_ms: 200, body_ms: 200 } };
      expect(await deliver([() => {}], { settings })).toEqual({ kind: "drained" });
      expectRepeated();
      expect(rig.meter.reading().retries).toBe(1);
    });

    it("gives up an answer that drips for longer than a request may take", async () => {
      const drip: Handler = ({ res, req }) => {
        res.writeHead(200, { "content-type": "application/json" });
        const timer = setInterval(() => res.write(" "), 20);
        req.socket.once("close", () => clearInterval(timer));
      };
      const settings = { batch: { max_events: 10 }, timeout: { request_ms: 300 } };
      expect(await deliver([drip], { settings })).toEqual({ kind: "drained" });
      expectRepeated();
    });

    it("waits when nobody listens, and says so", async () => {
      await open({ url: "https://127.0.0.1:1" });
      await rig.append(1, 10);
      const result = await rig.dispatcher.once(3);
      expect(result).toMatchObject({ kind: "undelivered", reason: "connection-refused" });
      expect(rig.source.acked).toBe(0);
      expect(rig.timers.slept.filter((ms) => ms > 0)).toEqual([250, 500]);
    });
  });

  describe("when the batch is too large for the receiver", () => {
    const atMost =
      (most: number): Handler =>
      ({ manifest, res }, next) =>
        manifest.count > most ? problem(res, 413, "batch-too-large") : next();

    it("sends it in halves, each with an id of its own and chained", async () => {
      await open(tens);
      rig.receiver.always = atMost(3);
      await rig.append(1, 20);
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.received()).toEqual(lines(1, 20));
      const good = rig.receiver.batches.filter(({ manifest }) => manifest.count <= 3);
      expect(good.map(({ manifest }) => manifest.first_sequence)).toEqual([
        1, 3, 6, 8, 11, 13, 16, 18,
      ]);
      expect(good.map(({ manifest }) => manifest.previous)).toEqual([
        null,
        ...good.slice(0, -1).map(({ manifest }) => chainOf(manifest)),
      ]);
      expect(new Set(ids()).size).toBe(ids().length);
    });

    it("puts a single event aside, and names the gap", async () => {
      await open(tens);
      rig.receiver.always = ({ lines: sent, res }, next) =>
        sent.some((line) => line.includes("number 4"))
          ? problem(res, 413, "batch-too-large")
          : next();
      await rig.append(1, 10);
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.received()).toEqual(lines(1, 10).filter((_, index) => index !== 3));
      const [entry] = await rig.quarantine.list();
      expect(entry?.header).toMatchObject({ sequence: 4, reason: "batch-too-large" });
      const kept = await rig.quarantine.read(entry?.id ?? "");
      expect(kept?.payload.toString()).toBe(eventLine(4));
      const gaps = rig.receiver.batches.flatMap(({ manifest }) => manifest.gaps);
      expect(gaps).toEqual([{ from: 4, to: 4, reason: "quarantined" }]);
      expect(rig.source.acked).toBe(10);
      expect(rig.notes.at(-1)).toMatchObject({ kind: "event_quarantined", sequence: 4 });
    });

    it("keeps to what the receiver says it takes, without trying more", async () => {
      await open({ settings: { batch: { max_events: 100 } } });
      rig.receiver.limits = { max_events: 4 };
      await rig.append(1, 10);
      await rig.dispatcher.once();
      expect(rig.received()).toEqual(lines(1, 10));
      expect(Math.max(...rig.receiver.batches.map(({ manifest }) => manifest.count))).toBeLessThan(
        5,
      );
    });

    it("puts an event aside that no body of the receiver's size can hold", async () => {
      await open(tens);
      rig.receiver.limits = { max_batch_bytes: 2000 };
      await rig.append(1, 3, (index) => eventLine(index, HOST, index === 2 ? 5000 : 300));
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.received()).toHaveLength(2);
      expect(rig.quarantine.stats().entries).toBe(1);
      expect(rig.source.acked).toBe(3);
    });

    it("keeps a single event that something else on the way refuses, and waits", async () => {
      await open(tens);
      rig.receiver.always = ({ res }) => json(res, 413, "<h1>413</h1>", "text/html");
      await rig.append(1, 2);
      expect(await rig.dispatcher.once(3)).toMatchObject({
        kind: "undelivered",
        reason: "http-413",
      });
      expect(rig.quarantine.stats().entries).toBe(0);
      expect(rig.source.acked).toBe(0);
    });
  });

  describe("when the receiver cannot read the batch", () => {
    for (const [status, name] of [
      [400, "batch-malformed"],
      [422, "batch-digest"],
    ] as const) {
      it(`repeats it once after ${name}: it may have been damaged on its way`, async () => {
        expect(await deliver([({ res }) => problem(res, status, name)])).toEqual({
          kind: "drained",
        });
        expectRepeated();
        expect(rig.quarantine.stats().entries).toBe(0);
      });
    }

    it("finds the event that makes it unreadable, and keeps only that one back", async () => {
      await open(tens);
      rig.receiver.always = ({ lines: sent, res }, next) =>
        sent.some((line) => line.includes("number 7"))
          ? problem(res, 400, "batch-malformed")
          : next();
      await rig.append(1, 10);
      expect(await rig.dispatcher.once(20)).toEqual({ kind: "drained" });
      expect(rig.received()).toHaveLength(9);
      expect(rig.quarantine.stats().entries).toBe(1);
      expect(kinds()).toContain("batch_rejected");
    });

    for (const status of [400, 404, 405, 410, 422, 302]) {
      it(`keeps everything when something else answers ${status}`, async () => {
        await open(tens);
        rig.receiver.always = ({ res }) => json(res, status, "<h1>no</h1>", "text/html");
        await rig.append(1, 10);
        const result = await rig.dispatcher.once(3);
        expect(result).toMatchObject({ kind: "undelivered", reason: `http-${status}` });
        expect(rig.meter.reading().state).toBe("refused");
        expect(rig.quarantine.stats().entries).toBe(0);
        expect(rig.source.acked).toBe(0);
        expect(rig.timers.slept.filter((ms) => ms > 0)).toEqual([45_000, 45_000]);
        expect(kinds()).toEqual(["batch_rejected"]);
      });
    }
  });

  describe("when the receiver refuses single events", () => {
    it("keeps them with the reason before the checkpoint moves", async () => {
      const refuse: Handler = (arrived) =>
        accept(rig.receiver, arrived, [
          { sequence: 2, reason: "not_an_event" },
          { sequence: 9, reason: "host_id_mismatch" },
        ]);
      expect(await deliver([refuse])).toEqual({ kind: "drained" });
      const headers = (await rig.quarantine.list()).map(({ header }) => header);
      expect(headers).toMatchObject([
        { sequence: 2, reason: "not_an_event" },
        { sequence: 9, reason: "host_id_mismatch" },
      ]);
      expect(rig.received()).toHaveLength(8);
      expect(rig.meter.reading()).toMatchObject({ eventsAcked: 8, quarantined: 2 });
      expect(rig.notes).toMatchObject([
        { kind: "event_quarantined", sequence: 2, event_id: expect.stringMatching(/^019e0cea/) },
        { kind: "event_quarantined", sequence: 9 },
      ]);
    });

    it("does not move the checkpoint while they cannot be kept", async () => {
      await open(tens);
      const { put } = rig.quarantine;
      let full = 2;
      rig.quarantine.put = async (item) => {
        full -= 1;
        if (full >= 0) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
        expect(rig.source.acked).toBe(0);
        return await put.call(rig.quarantine, item);
      };
      rig.receiver.script.push((arrived) =>
        accept(rig.receiver, arrived, [{ sequence: 1, reason: "not_json" }]),
      );
      await rig.append(1, 10);
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.quarantine.stats().entries).toBe(1);
      expect(rig.source.acked).toBe(10);
      expect(rig.receiver.batches).toHaveLength(1);
    });

    it("tells of many of them in one number", async () => {
      await open();
      rig.receiver.script.push((arrived) =>
        accept(
          rig.receiver,
          arrived,
          Array.from({ length: 150 }, (_, index) => ({ sequence: index + 1, reason: "not_json" })),
        ),
      );
      await rig.append(1, 150);
      await rig.dispatcher.once();
      expect(rig.notes).toHaveLength(101);
      expect(rig.notes.at(-1)).toMatchObject({
        sequence: 101,
        reason: expect.stringContaining("50"),
      });
    });
  });

  describe("when it carries the sender's own notes", () => {
    it("makes no notes about them: each refused note would make the next", async () => {
      await open({ ...tens, stream: "sender" });
      rig.receiver.script.push(
        ({ res }) => problem(res, 403, "forbidden"),
        ({ res }) => problem(res, 403, "certificate-revoked"),
        (arrived) => accept(rig.receiver, arrived, [{ sequence: 1, reason: "not_an_event" }]),
      );
      await rig.append(1, 10);
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.notes).toEqual([]);
      expect(rig.quarantine.stats().entries).toBe(1);
      expect(rig.receiver.batches[0]?.manifest.stream).toBe("sender");
    });
  });

  describe("when the receiver does not take the encoding", () => {
    it("uses what it says it takes", async () => {
      await open(tens);
      rig.receiver.encodings = ["gzip"];
      await rig.append(1, 20);
      await rig.dispatcher.once();
      expect(rig.receiver.batches.map(({ encoding }) => encoding)).toEqual(["gzip", "gzip"]);
    });

    it("falls back from zstd to gzip to none after 415", async () => {
      await open(tens);
      rig.receiver.always = ({ encoding, res }, next) =>
        encoding === "identity" ? next() : problem(res, 415, "batch-encoding");
      await rig.append(1, 20);
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      const used = rig.receiver.batches.map(({ encoding }) => encoding);
      expect(used).toEqual(["zstd", "gzip", "identity", "identity"]);
      expect(new Set(ids()).size).toBe(2);
    });

    it("waits when it takes none", async () => {
      await open(tens);
      rig.receiver.always = ({ res }) => problem(res, 415, "batch-encoding");
      await rig.append(1, 10);
      const result = await rig.dispatcher.once(2);
      expect(result).toMatchObject({ kind: "undelivered", reason: "batch-encoding" });
    });
  });

  describe("when the checkpoint cannot be written", () => {
    it("sends nothing more until it can, and does not send the batch twice", async () => {
      await open(tens);
      const { ack } = rig.source;
      let failing = 3;
      rig.source.ack = async (sequence) => {
        failing -= 1;
        if (failing >= 0) throw Object.assign(new Error("no space"), { code: "SIGIL_SPOOL_FULL" });
        await ack.call(rig.source, sequence);
      };
      await rig.append(1, 20);
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.receiver.batches).toHaveLength(2);
      expect(rig.source.acked).toBe(20);
    });
  });

  describe("when its events are another host's", () => {
    it("sends nothing, since the certificate is not this host's", async () => {
      await open(tens);
      await rig.append(1, 10, (index) => eventLine(index, "somebody-else"));
      const result = await rig.dispatcher.once(2);
      expect(result).toMatchObject({ reason: "own-certificate-other-host" });
      expect(rig.receiver.connections()).toBe(0);
      expect(rig.notes).toMatchObject([
        { kind: "tls_failure", cause: "own_certificate_other_host" },
      ]);
    });

    it("leaves single foreign events to the receiver", async () => {
      await open(tens);
      await rig.append(1, 10, (index) => eventLine(index, index < 4 ? "somebody-else" : HOST));
      await rig.dispatcher.once();
      expect(rig.receiver.batches).toHaveLength(1);
    });
  });

  describe("when the certificate becomes another host's while a batch waits", () => {
    it("sends nothing more in the name of the old one", async () => {
      await open(tens);
      const next = await rig.authority.issueHost("new");
      rig.receiver.script.push(({ res }) => {
        rig.identity.set({ ...next, hostId: "new" });
        problem(res, 503, "overloaded");
      });
      // Events of both, so that neither certificate is a stranger's.
      await rig.append(1, 10, (index) => eventLine(index, index > 5 ? "new" : HOST));
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.receiver.batches.map(({ manifest }) => manifest.host_id)).toEqual([HOST, "new"]);
      expect(new Set(ids()).size).toBe(2);
    });
  });

  describe("when there is a cap on what it may send", () => {
    it("waits for its turn", async () => {
      const limit = { batches_per_second: 1 };
      await open({ settings: { batch: { max_events: 10 }, limit } });
      await rig.append(1, 50);
      await rig.dispatcher.once();
      expect(Math.max(...rig.timers.slept)).toBeGreaterThan(500);
      expect(rig.source.acked).toBe(50);
    });
  });

  describe("when something keeps it from shipping for long", () => {
    it("says why once, and again when the reason is another", async () => {
      await open(tens);
      const no =
        (name: string, status = 403): Handler =>
        ({ res }) =>
          problem(res, status, name);
      rig.receiver.script.push(no("forbidden"), no("forbidden"), no("not-found", 404));
      await rig.append(1, 10);
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.notes).toMatchObject([
        { kind: "batch_rejected", reason: "forbidden", status: 403, first_sequence: 1 },
        { kind: "batch_rejected", reason: "not-found", status: 404, last_sequence: 10 },
      ]);
      expect(rig.meter.reading().state).not.toBe("refused");
    });

    it("stops waiting when the certificate is replaced", async () => {
      await open(tens);
      rig.timers.hold = (ms) => ms > 1000;
      rig.receiver.script.push(({ res }) => problem(res, 403, "certificate-revoked"));
      await rig.append(1, 10);
      const running = rig.dispatcher.run();
      await eventually(() => rig.meter.reading().state === "refused");
      const next = await rig.authority.issueHost(HOST);
      rig.identity.set({ ...next });
      await eventually(() => rig.source.acked === 10);
      expect(rig.notes).toMatchObject([{ kind: "tls_failure", cause: "own_certificate_revoked" }]);
      rig.timers.hold = () => false;
      await rig.dispatcher.stop();
      await running;
    });
  });
});

function chainOf(manifest: Parameters<typeof chainText>[0]): string {
  return toDigest(loadHasher().digest(Buffer.from(chainText(manifest))));
}

function ackOf({ manifest }: Parameters<Handler>[0], changes: object) {
  const { batch_id, digest, count, last_sequence } = manifest;
  const counts = { accepted: count, duplicate: 0, rejected: [], high_water: last_sequence };
  return { wire_version: 1, batch_id, digest, ...counts, ...changes };
}
