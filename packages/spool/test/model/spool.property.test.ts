import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyRetention,
  openConsumer,
  openProducer,
  verifySpool,
  type Consumer,
  type Producer,
} from "../../src/index.ts";
import { dump, line, makeClock, makeLock, testHash, text } from "../support.ts";
import { MemoryDisk } from "./memory-files.ts";

const DIR = "/spool";
const CHECKPOINTS = "/consumer";
const SETTINGS = { segment_max_bytes: 400, line_max_bytes: 200, group_max_bytes: 1000 };

type Step =
  | { readonly kind: "append"; readonly sizes: readonly number[]; readonly appends: number }
  | {
      readonly kind: "crash";
      readonly power: boolean;
      readonly after: number;
      readonly doing: Busy;
    }
  | { readonly kind: "full"; readonly room: number }
  | { readonly kind: "sync_fails"; readonly index: boolean }
  | { readonly kind: "roll" | "reopen" }
  | { readonly kind: "consume"; readonly lines: number; readonly acks: boolean }
  | { readonly kind: "retain"; readonly bytes: number };

type Busy = "append" | "roll" | "retain" | "ack" | "reopen";

const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 });

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      sizes,
      appends: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("crash" as const),
      power: fc.boolean(),
      after: fc.integer({ min: 1, max: 25 }),
      doing: fc.constantFrom<Busy>("append", "append", "append", "roll", "retain", "ack", "reopen"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("full" as const),
      room: fc.integer({ min: 0, max: 150 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("sync_fails" as const), index: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("roll" as const, "reopen" as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("consume" as const),
      lines: fc.integer({ min: 1, max: 10 }),
      acks: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("retain" as const),
      bytes: fc.integer({ min: 1, max: 1500 }),
    }),
  },
);

/** What must be true of the spool, told by what its users saw. */
class World {
  readonly disk: MemoryDisk;
  readonly lock = makeLock();
  readonly clock = makeClock();
  readonly acknowledged = new Map<number, string>();
  readonly unsettled = new Set<string>();
  readonly delivered = new Map<number, string>();
  producer!: Producer;
  consumer!: Consumer;
  mayBeEvicted = 0;
  #serial = 0;

  constructor(disk: MemoryDisk) {
    this.disk = disk;
  }

  async open(): Promise<void> {
    const ports = { hash: testHash, lock: this.lock, clock: this.clock, files: this.disk.files };
    this.producer = await openProducer({ dir: DIR, settings: SETTINGS, ...ports });
    this.consumer = await openConsumer({ dir: DIR, checkpointDir: CHECKPOINTS, ...ports });
  }

  async append(count: number, lengths: readonly number[]): Promise<void> {
    const jobs = Array.from({ length: count }, async () => {
      const fresh = lengths.map((length) => {
        this.#serial += 1;
        return `${this.#serial}:`.padEnd(length + 6, "abc");
      });
      for (const one of fresh) this.unsettled.add(one);
      const range = await this.producer.append(fresh.map((one) => line(one)));
      expect(range.last - range.first + 1).toBe(fresh.length);
      for (const [at, one] of fresh.entries()) this.#know(range.first + at, one);
    });
    for (const result of await Promise.allSettled(jobs)) {
      if (result.status === "rejected") expect(result.reason).toHaveProperty("code");
    }
  }

  #know(sequence: number, content: string): void {
    expect(this.acknowledged.get(sequence) ?? content).toBe(content);
    this.acknowledged.set(sequence, content);
    this.unsettled.delete(content);
  }

  async consume(lines: number, acks: boolean): Promise<void> {
    const batch = await this.consumer.read({ maxLines: lines });
    let at = batch.first;
    for (const gap of batch.gaps) this.#checkGap(gap);
    for (const one of batch.lines) {
      expect(one.sequence).toBeGreaterThanOrEqual(at);
      at = one.sequence + 1;
      const content = text(one.bytes);
      expect(this.delivered.get(one.sequence) ?? content).toBe(content);
      expect(this.acknowledged.get(one.sequence) ?? content).toBe(content);
      this.delivered.set(one.sequence, content);
    }
    if (acks) await this.consumer.ack(batch.last);
  }

  #checkGap(gap: { readonly to: number; readonly reason: string }): void {
    expect(gap.reason).toBe("evicted");
    expect(gap.to).toBeLessThanOrEqual(this.mayBeEvicted);
  }

  async retain(bytes: number): Promise<void> {
    this.mayBeEvicted = this.producer.lastSequence;
    const settings = { ...SETTINGS, hard_max_bytes: bytes, soft_max_bytes: bytes };
    const { clock } = this;
    const { files } = this.disk;
    await applyRetention({ dir: DIR, consumed: this.consumer.acked, clock, settings, files });
  }

  async crash(power: boolean): Promise<void> {
    // Let what still runs meet the dead disk before it comes back.
    await this.producer.close().catch(() => {});
    expect(this.disk.openHandles).toBe(0);
    if (power) this.disk.cutPower();
    else this.disk.kill();
    this.lock.breakAll();
    await this.open();
    await this.check();
  }

  /** The whole promise, read back. */
  async check(): Promise<void> {
    const found = await dump(DIR, this.disk.files);
    for (const gap of found.gaps) this.#checkGap(gap);
    const seen = new Set<string>();
    for (const [sequence, content] of found.lines) {
      expect(seen.has(content)).toBe(false);
      seen.add(content);
      const known = this.acknowledged.get(sequence);
      if (known === undefined) expect(this.unsettled.has(content)).toBe(true);
      this.#know(sequence, content);
    }
    const gone = (sequence: number) =>
      found.gaps.some((gap) => gap.from <= sequence && sequence <= gap.to);
    for (const sequence of this.acknowledged.keys()) {
      expect(found.lines.has(sequence) || gone(sequence), `sequence ${sequence}`).toBe(true);
    }
    while ((await this.producer.stats()).unsealed_segments > 0) await this.producer.maintain();
    const report = await verifySpool(DIR, { hash: testHash, files: this.disk.files });
    expect(report.faults).toEqual([]);
  }

  async perform(step: Step): Promise<void> {
    switch (step.kind) {
      case "append":
        return await this.append(step.appends, step.sizes);
      case "crash":
        return await this.crashWhile(step);
      case "full":
        this.disk.capacity = this.disk.used + step.room;
        await this.append(2, [60, 60, 60]);
        this.disk.capacity = Infinity;
        return await this.append(1, [5]);
      case "sync_fails":
        return await this.failSync(step.index ? ".idx" : ".jsonl");
      case "roll":
        return await this.producer.roll();
      case "reopen":
        return await this.reopen();
      case "consume":
        return await this.consume(step.lines, step.acks);
      case "retain":
        return await this.retain(step.bytes);
    }
  }

  async failSync(suffix: string): Promise<void> {
    let once = true;
    this.disk.fault = (operation, path) => {
      if (!once || operation !== "datasync" || !path.endsWith(suffix)) return null;
      once = false;
      return "EIO";
    };
    await this.append(1, [10, 20]);
    this.disk.fault = () => null;
    await this.append(1, [5]);
  }

  async reopen(): Promise<void> {
    await this.consumer.close();
    await this.producer.close();
    expect(this.disk.openHandles).toBe(0);
    await this.open();
    await this.check();
  }

  async crashWhile(step: Step & { readonly kind: "crash" }): Promise<void> {
    this.disk.dieAfter(step.after);
    await this.#be(step.doing).catch((error: unknown) => expect(error).toHaveProperty("code"));
    await this.crash(step.power);
  }

  async #be(busy: Busy): Promise<void> {
    if (busy === "append") return await this.append(2, [30, 5, 60]);
    if (busy === "roll") return await this.producer.roll();
    if (busy === "retain") return await this.retain(1);
    if (busy === "ack") return await this.consume(3, true);
    await this.producer.close();
    await this.open();
  }
}

describe("spool on a disk that forgets", () => {
  describe("when appends, crashes, power cuts, full disks, reads and evictions come in any order", () => {
    it("keeps everything acknowledged, in order and once, and shows nothing else", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyStep, { minLength: 1, maxLength: 14 }),
          fc.integer({ min: 1, max: 2 ** 31 - 1 }),
          async (steps, seed) => {
            const world = new World(new MemoryDisk(diceFrom(seed)));
            await world.open();
            for (const step of steps) await world.perform(step);
            await world.reopen();
            while (world.consumer.acked < world.producer.lastSequence)
              await world.consume(50, true);
            for (const [sequence, content] of world.acknowledged) {
              if (sequence > world.mayBeEvicted) {
                expect(world.delivered.get(sequence)).toBe(content);
              }
            }
          },
        ),
        { numRuns: Number(process.env["SPOOL_MODEL_RUNS"] ?? 400) },
      );
    });
  });
});

/** A small xorshift, so that a failing run can be repeated from its seed. */
function diceFrom(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
