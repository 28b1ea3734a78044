import { eventually } from "@sigil/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { createRig, eventLine, type Rig, type RigOptions } from "./kit/rig.ts";

let rig: Rig;
const open = async (options: RigOptions = {}) => (rig = await createRig(options));
afterEach(async () => await rig.close());

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => eventLine(from + index));
const tens = { settings: { batch: { max_events: 10 } } };

describe("a dispatcher", () => {
  describe("when the receiver is honest", () => {
    it("delivers every event once and in order, and moves the checkpoint", async () => {
      const { dispatcher, source, meter, receiver } = await open({
        settings: { batch: { max_events: 300 } },
      });
      await rig.append(1, 1000);
      expect(await dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.received()).toEqual(lines(1, 1000));
      expect(source.acked).toBe(1000);
      expect(meter.reading()).toMatchObject({ eventsAcked: 1000, batchesAcked: 4, retries: 0 });
      expect(receiver.batches.map(({ manifest }) => manifest.count)).toEqual([300, 300, 300, 100]);
    });

    it("says hello before the first batch of the connection, and once", async () => {
      const { dispatcher, receiver, source } = await open(tens);
      await rig.append(1, 30);
      await dispatcher.once();
      expect(receiver.asked.map(({ url }) => url)).toEqual([
        `/v1/hello?spool_id=${source.spoolId}`,
        "/v1/events",
        "/v1/events",
        "/v1/events",
      ]);
      expect(receiver.connections()).toBe(1);
    });

    it("chains each batch to the one before, over a restart too", async () => {
      const { receiver } = await open(tens);
      await rig.append(1, 30);
      await rig.dispatcher.once();
      await rig.restart();
      await rig.append(31, 40);
      await rig.dispatcher.once();
      const chains = receiver.batches.map(({ manifest }) => manifest.previous);
      expect(chains[0]).toBeNull();
      expect(new Set(chains).size).toBe(4);
      expect(chains.slice(1)).not.toContain(null);
    });

    it("keeps the chain when it died between the chain and the checkpoint", async () => {
      const { receiver, source } = await open(tens);
      await rig.append(1, 20);
      const { ack } = source;
      source.ack = async (sequence) => {
        if (sequence > 10) throw new Error("killed here");
        await ack.call(source, sequence);
      };
      void rig.dispatcher.run();
      await eventually(() => rig.meter.reading().reason === "state-not-writable");
      await rig.restart();
      expect(rig.source.acked).toBe(10);
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      const [, second, again] = receiver.batches.map(({ manifest }) => manifest);
      expect(again?.previous).toBe(second?.previous);
      expect(again?.digest).toBe(second?.digest);
      expect(rig.received()).toEqual(lines(1, 20));
    });

    it("ships what comes while it runs", async () => {
      const { dispatcher, meter } = await open();
      const running = dispatcher.run();
      await eventually(() => meter.reading().state === "idle");
      await rig.append(1, 3);
      await eventually(() => expect(rig.received()).toEqual(lines(1, 3)));
      await dispatcher.stop();
      await running;
    });

    it("names what retention took before it was sent", async () => {
      const { dispatcher, receiver } = await open({ spool: { segment_max_bytes: 4096 } });
      const long = (index: number) => eventLine(index, undefined, 3000);
      await rig.append(1, 19, long);
      await rig.append(20, 20, long);
      await rig.evict();
      expect(await dispatcher.once()).toEqual({ kind: "drained" });
      expect(receiver.batches.map(({ manifest }) => manifest.gaps)).toEqual([
        [{ from: 1, to: 19, reason: "evicted" }],
      ]);
      expect(rig.source.acked).toBe(20);
    });
  });

  describe("when the receiver has lost what it acknowledged", () => {
    it("steps back to what it still has and sends the rest again", async () => {
      const { receiver, source } = await open(tens);
      await rig.append(1, 50);
      await rig.dispatcher.once();
      const chain = receiver.batches[1]?.manifest.digest ?? null;
      receiver.heads.set(source.spoolId, { last_sequence: 20, chain });
      const spool = receiver.stored.get(source.spoolId);
      for (let at = 21; at <= 50; at += 1) spool?.delete(at);
      await rig.restart();
      await rig.append(51, 60);
      await rig.dispatcher.once();
      expect(rig.received()).toEqual(lines(1, 60));
      expect(receiver.batches[5]?.manifest).toMatchObject({ first_sequence: 21, previous: null });
      expect(rig.source.acked).toBe(60);
    });

    it("does so too when there is nothing new to send", async () => {
      const { receiver } = await open(tens);
      await rig.append(1, 20);
      await rig.dispatcher.once();
      receiver.heads.clear();
      receiver.stored.clear();
      await rig.restart();
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.received()).toEqual(lines(1, 20));
    });

    it("begins at the beginning when it does not know the spool any more", async () => {
      const { receiver } = await open(tens);
      await rig.append(1, 20);
      await rig.dispatcher.once();
      receiver.heads.clear();
      receiver.stored.clear();
      await rig.restart();
      await rig.append(21, 21);
      await rig.dispatcher.once();
      expect(rig.received()).toEqual(lines(1, 21));
    });

    it("does so once for a connection, however often the receiver says it has nothing", async () => {
      const { receiver } = await open(tens);
      await rig.append(1, 20);
      await rig.dispatcher.once();
      await rig.restart();
      receiver.onHello = () => {
        receiver.heads.clear();
        return false;
      };
      await rig.append(21, 40);
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      const firsts = receiver.batches.map(({ manifest }) => manifest.first_sequence);
      expect(firsts).toEqual([1, 11, 1, 11, 21, 31]);
    });

    it("does not believe a hello that is older than what was delivered since", async () => {
      const { receiver } = await open(tens);
      await rig.append(1, 20);
      await rig.dispatcher.once();
      await rig.reopen();
      await rig.append(21, 30);
      await rig.dispatcher.once();
      expect(receiver.connections()).toBe(1);
      const firsts = receiver.batches.map(({ manifest }) => manifest.first_sequence);
      expect(firsts).toEqual([1, 11, 21]);
    });

    it("goes on where it is when the receiver is ahead", async () => {
      const { receiver, source } = await open(tens);
      await rig.append(1, 10);
      receiver.heads.set(source.spoolId, { last_sequence: 500, chain: null });
      await rig.dispatcher.once();
      expect(receiver.batches.map(({ manifest }) => manifest.first_sequence)).toEqual([1]);
    });
  });

  describe("when it stops", () => {
    it("lets the batch under way end and keeps what it acknowledged", async () => {
      const { receiver, dispatcher, source, timers } = await open(tens);
      timers.hold = (ms) => ms === rig.settings.timeout.stop_ms;
      let answer = () => {};
      receiver.script.push((_arrived, next) => (answer = next));
      await rig.append(1, 20);
      const running = dispatcher.run();
      await eventually(() => receiver.batches.length === 1);
      const stopping = dispatcher.stop();
      answer();
      await stopping;
      await running;
      expect(source.acked).toBe(10);
      expect(receiver.batches).toHaveLength(1);
    });

    it("abandons a batch that takes longer than the grace, and loses nothing by it", async () => {
      const { receiver, dispatcher, source } = await open(tens);
      receiver.script.push(() => {});
      await rig.append(1, 10);
      const running = dispatcher.run();
      await eventually(() => receiver.batches.length === 1);
      await dispatcher.stop();
      await running;
      expect(source.acked).toBe(0);
      await rig.restart();
      expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
      expect(rig.received()).toEqual(lines(1, 10));
    });

    it("may be stopped before it begins", async () => {
      const { dispatcher } = await open();
      await rig.append(1, 10);
      await dispatcher.stop();
      await dispatcher.run();
      expect(rig.received()).toEqual([]);
    });
  });

  describe("when another sender holds the spool", () => {
    it("refuses to open it", async () => {
      await open();
      await expect(rig.openSecond()).rejects.toMatchObject({ code: "SIGIL_SPOOL_LOCKED" });
    });
  });

  describe("when the spool was replaced", () => {
    it("ends with an error that says so", async () => {
      const { dispatcher } = await open();
      await rig.append(1, 10);
      await dispatcher.once();
      await rig.replaceSpool();
      await expect(dispatcher.once()).rejects.toMatchObject({ code: "SIGIL_SPOOL_REPLACED" });
    });
  });
});
