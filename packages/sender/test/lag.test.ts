import { loadHasher } from "@sigil/ports/hash";
import { openConsumer, openProducer } from "@sigil/spool";
import { fakeClock, tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createStallTimer, lagState, measureLag, NO_LAG } from "../src/lag.ts";
import { eventLine } from "./kit/rig.ts";

const settings = { warn_events: 100, warn_age_s: 60, stall_s: 30 };
const facts = (more: object) => ({ ...NO_LAG, stalledS: 0, ...more });

describe("lagState", () => {
  it.each([
    ["caught_up", { events: 99, age_s: 59 }, "caught_up"],
    ["caught_up", { events: 100 }, "behind"],
    ["caught_up", { events: 1, age_s: 60 }, "behind"],
    ["caught_up", { events: 1, stalledS: 30 }, "not_shipping"],
    ["behind", { events: 50 }, "behind"],
    ["behind", { events: 49, age_s: 29 }, "caught_up"],
    ["behind", { events: 500, stalledS: 31 }, "not_shipping"],
    ["not_shipping", { events: 500, stalledS: 0 }, "behind"],
    ["not_shipping", { events: 0 }, "caught_up"],
    ["behind", { events: 0, age_s: 500 }, "caught_up"],
  ] as const)("from %s with %j is %s", (before, more, after) => {
    expect(lagState(before, facts(more), settings)).toBe(after);
  });
});

describe("createStallTimer", () => {
  it("counts from when there was something to send and nothing of it was acknowledged", () => {
    const clock = fakeClock(0);
    const timer = createStallTimer(clock.now);
    const some = { ...NO_LAG, events: 3 };
    expect(timer.look(NO_LAG, 0)).toBe(0);
    clock.advance(5000);
    expect(timer.look(some, 0)).toBe(0);
    clock.advance(5000);
    expect(timer.look(some, 0)).toBe(5);
    expect(timer.look(some, 1)).toBe(0);
    clock.advance(7900);
    expect(timer.look(some, 1)).toBe(7);
    expect(timer.look(NO_LAG, 1)).toBe(0);
    expect(timer.look(some, 1)).toBe(0);
  });
});

describe("measureLag", () => {
  let dir: TempDir;
  beforeEach(() => {
    dir = tempDir();
  });
  afterEach(() => dir.remove());

  const hash = loadHasher();
  const lock = { acquire: () => ({ release: () => undefined }) };
  const places = () => ({ dir: dir.at("spool"), checkpointDir: dir.at("state") });
  const now = () => Date.parse("2026-05-10T07:15:32.600Z");

  it("is null without a spool", async () => {
    expect(await measureLag(places(), { hash, now })).toBeNull();
  });

  it("counts what comes after the checkpoint, with the age of the oldest", async () => {
    const clock = { now };
    const producer = await openProducer({ dir: dir.at("spool"), hash, lock, clock });
    const lines = [1, 2, 3].map((index) => Buffer.from(eventLine(index)));
    await producer.append(lines);
    const consumer = await openConsumer({ ...places(), hash, lock, clock });
    await consumer.read();
    await consumer.ack(1);
    const bytes = lines.slice(1).reduce((sum, line) => sum + line.length + 1, 0);
    expect(await measureLag(places(), { hash, now })).toEqual({ events: 2, bytes, age_s: 60 });
    // A clock set back makes nothing younger than nothing.
    expect((await measureLag(places(), { hash, now: () => 0 }))?.age_s).toBe(0);
    await consumer.ack(3);
    expect(await measureLag(places(), { hash, now })).toEqual(NO_LAG);
    await consumer.close();
    await producer.close();
  });
});
