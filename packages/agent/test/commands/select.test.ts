import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openProducer, type Gap, type SpoolHash } from "@sigil/spool";
import { tempDir, type TempDir } from "@sigil/testkit";
import type { EventFilter } from "../../src/commands/show/filter.ts";
import { select } from "../../src/commands/show/select.ts";

const hash: SpoolHash = {
  digest: (bytes) => createHash("sha256").update(bytes).digest(),
  create: () => {
    const hashing = createHash("sha256");
    return { update: (bytes) => void hashing.update(bytes), digest: () => hashing.digest() };
  },
};

const START = Date.parse("2026-05-10T00:00:00.000Z");

/** Event `at` happens `at` seconds after the start; each hundredth is severe. */
function line(at: number): Buffer {
  const event = {
    schema_version: 1,
    event_id: String(at),
    ts: new Date(START + at * 1000).toISOString(),
    host_id: "h",
    severity: at % 100 === 0 ? "high" : "info",
    source: { kind: "agent" },
    subject: { kind: "self" },
    evidence: { kind: at % 2 === 0 ? "even" : "odd" },
    target_id: null,
  };
  return Buffer.from(JSON.stringify(event));
}

let dir: TempDir;
let gaps: Gap[];
beforeEach(() => {
  dir = tempDir();
  gaps = [];
});
afterEach(() => dir.remove());

/** Sequences 1 to `count`, in segments of about 400 lines. */
async function spoolOf(lines: readonly Buffer[]): Promise<void> {
  const producer = await openProducer({
    dir: dir.at("events"),
    hash,
    lock: { acquire: () => ({ release: () => undefined }) },
    clock: { now: () => START },
    settings: { segment_max_bytes: 100_000 },
  });
  for (let at = 0; at < lines.length; at += 2000) await producer.append(lines.slice(at, at + 2000));
  await producer.close();
}

async function sequences(filter: EventFilter, last: number | null): Promise<number[]> {
  const found: number[] = [];
  const ports = { onGap: (gap: Gap) => gaps.push(gap), onSeen: () => undefined };
  for await (const one of select({ dir: dir.at("events"), hash, filter, last, ...ports }))
    found.push(one.sequence);
  return found;
}

const numbers = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step);
const many = numbers(1, 10_000).map(line);
const since = (at: number) => START + at * 1000;

describe("select", () => {
  describe("when the spool is longer than one look back", () => {
    beforeEach(() => spoolOf(many));

    it("gives the last few", async () => {
      expect(await sequences({}, 3)).toEqual([9998, 9999, 10_000]);
    });

    it("gives the last few of a kind, however far back they are", async () => {
      expect(await sequences({ severity: "warn" }, 60)).toEqual(numbers(4100, 10_000, 100));
      expect(await sequences({ severity: "high", kind: "even" }, 1000)).toHaveLength(100);
    });

    it("gives more than one look back holds", async () => {
      expect(await sequences({}, 9000)).toEqual(numbers(1001, 10_000));
    });

    it("gives everything since a time", async () => {
      expect(await sequences({ since: since(9990) }, null)).toEqual(numbers(9990, 10_000));
      expect(await sequences({ since: since(2000) }, null)).toEqual(numbers(2000, 10_000));
      expect(await sequences({ since: since(0) }, null)).toEqual(numbers(1, 10_000));
      expect(await sequences({ since: since(20_000) }, null)).toEqual([]);
    });

    it("gives the last few since a time", async () => {
      expect(await sequences({ since: since(2000), severity: "high" }, 2)).toEqual([9900, 10_000]);
    });
  });

  describe("when the clock was set back", () => {
    it("still gives what came before with a later time", async () => {
      // 3000 lines late in the day; then the clock goes back to the morning for every other line.
      const mixed = numbers(1, 2500).flatMap((at) => [at, 53_000 + at]);
      await spoolOf([...numbers(50_001, 53_000), ...mixed].map(line));
      const late = [...numbers(1, 3000), ...numbers(3002, 8000, 2)];
      expect(await sequences({ since: since(50_000) }, null)).toEqual(late);
    });
  });

  describe("when lines are damaged or are no events", () => {
    it("gives the others and tells of the gap once", async () => {
      await spoolOf(many.slice(0, 50));
      const name = readdirSync(dir.at("events")).find((one) => one.endsWith(".jsonl")) ?? "";
      const bytes = readFileSync(dir.at("events", name));
      bytes[bytes.length - 10] = 0x21;
      writeFileSync(dir.at("events", name), bytes);
      expect(await sequences({}, 3)).toEqual([47, 48, 49]);
      expect(gaps).toEqual([{ from: 50, to: 50, reason: "corrupt" }]);
    });

    it("shows lines that are no events only where nothing in particular is wanted", async () => {
      await spoolOf([Buffer.from("not json"), Buffer.from("{}"), line(1)]);
      expect(await sequences({}, null)).toEqual([1, 2, 3]);
      expect(await sequences({ severity: "info" }, null)).toEqual([3]);
    });
  });

  describe("when the spool is empty", () => {
    it("gives nothing", async () => {
      await spoolOf([]);
      expect(await sequences({}, 5)).toEqual([]);
      expect(await sequences({ kind: "odd" }, null)).toEqual([]);
    });
  });
});
