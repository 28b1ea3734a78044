import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openConsumer, openProducer } from "../src/index.ts";
import {
  collector,
  dump,
  line,
  lines,
  makeClock,
  makeLock,
  realFiles,
  tempDir,
  testHash,
} from "./support.ts";

function setUp() {
  const dir = join(tempDir(), "events");
  const { reports, onReport } = collector();
  const ports = { hash: testHash, clock: makeClock() };
  const open = async () =>
    await openProducer({ dir, lock: makeLock(), onReport, files: realFiles, ...ports });
  const consume = async () =>
    await openConsumer({ dir, checkpointDir: join(dir, "..", "c"), lock: makeLock(), ...ports });
  const removeAllBut = (keep: (name: string) => boolean) => {
    for (const name of readdirSync(dir)) if (!keep(name)) rmSync(join(dir, name));
  };
  return { dir, reports, open, consume, removeAllBut };
}

describe("a sequence that was acknowledged, in a spool that lost it", () => {
  it("is not given again where the owner knows of it: a consumer that had it gets the next line", async () => {
    const { reports, open, consume, removeAllBut } = setUp();
    const first = await open();
    await first.append(lines(5));
    await first.close();
    const consumer = await consume();
    await consumer.ack((await consumer.read()).last);
    removeAllBut((name) => name === "spool.json");
    const second = await open();
    await second.skipPast(5);
    expect(reports).toEqual([{ kind: "lines_missing", from: 1, to: 5 }]);
    expect((await second.append([line("new")])).first).toBe(6);
    const { lines: given, gaps } = await consumer.read();
    expect(given.map(({ sequence }) => sequence)).toEqual([6]);
    expect(gaps).toEqual([]);
    consumer.rewind();
    await consumer.reset(0);
    expect((await consumer.read()).gaps).toMatchObject([{ from: 1, to: 5 }]);
    await second.close();
    expect((await open()).lastSequence).toBe(6);
  });

  it("is not given again when only the newest of it is gone, and the rest stays", async () => {
    const { dir, reports, open, removeAllBut } = setUp();
    const first = await open();
    await first.append(lines(3));
    await first.roll();
    await first.append(lines(2, 4));
    removeAllBut((name) => name === "spool.json" || /1\.(jsonl|idx)$/.test(name));
    const second = await open();
    expect(second.lastSequence).toBe(3);
    await second.skipPast(5);
    expect(reports).toEqual([{ kind: "lines_missing", from: 4, to: 5 }]);
    expect((await second.append([line("new")])).first).toBe(6);
    await second.close();
    const { lines: found, gaps } = await dump(dir);
    expect([...found.keys()]).toEqual([1, 2, 3, 6]);
    expect(gaps).toMatchObject([{ from: 4, to: 5 }]);
  });

  it.each([0, 2, 3, 2 ** 32 + 4, 2 ** 52, Number.NaN])(
    "changes nothing when the owner says %d, which the spool has or no spool can have lost",
    async (claimed) => {
      const { reports, open } = setUp();
      const producer = await open();
      await producer.append(lines(3));
      await producer.skipPast(claimed);
      expect(reports).toEqual([]);
      expect((await producer.append([line("new")])).first).toBe(4);
      await producer.close();
    },
  );
});
