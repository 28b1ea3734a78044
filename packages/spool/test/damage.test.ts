import { describe, expect, it } from "vitest";
import {
  openProducer,
  repairSpool,
  verifySpool,
  type SpoolFiles,
  type VerifyReport,
} from "../src/index.ts";
import { MemoryDisk } from "./model/memory-files.ts";
import { dump, line, makeClock, makeLock, testHash, type Dump } from "./support.ts";

const DIR = "/spool";
const FIRST = `${DIR}/00000000000000000001`;
const SECOND = `${DIR}/00000000000000000007`;
const NEWLINE = 0x0a;
/** Texts that are prefixes and repeats of one another: the hardest to tell apart. */
const TEXTS = ["a", "ab", "b", "abab", "b", "ccc", "ab", "b", "b", "cc", "ab"];
/** In the long run every single bit. */
const BITS = process.env["SIGIL_TEST_LONG"] === undefined ? [0] : [0, 1, 2, 3, 4, 5, 6, 7];
const FLIPS = [
  ...BITS.map((bit) => (byte: number) => byte ^ (1 << bit)),
  (byte: number) => byte ^ 0xff,
  () => NEWLINE,
];

type Files = ReadonlyMap<string, Uint8Array>;

async function open(files: SpoolFiles) {
  return await openProducer({
    dir: DIR,
    hash: testHash,
    lock: makeLock(),
    clock: makeClock(),
    files,
  });
}

/** Lines 1–6 in a closed segment, 7–11 in one that a killed producer left open. */
async function killed(): Promise<Files> {
  const disk = new MemoryDisk(() => 0);
  const producer = await open(disk.files);
  await producer.append(TEXTS.slice(0, 6).map(line));
  await producer.roll();
  for (const one of TEXTS.slice(6)) await producer.append([line(one)]);
  return disk.snapshot();
}

type Aftermath = { readonly before: Dump; readonly after: Dump; readonly report: VerifyReport };

/** Verifies, reads, recovers, appends and reads again. */
async function live(files: Files): Promise<Aftermath> {
  const disk = MemoryDisk.holding(files);
  const report = await verifySpool(DIR, { hash: testHash, files: disk.files });
  const before = await dump(DIR, disk.files);
  const producer = await open(disk.files);
  const { first } = await producer.append([line("new")]);
  expect(first).toBeGreaterThan(TEXTS.length);
  await producer.close();
  const after = await dump(DIR, disk.files);
  expect(after.lines.get(first)).toBe("new");
  return { before, after, report };
}

function lost({ lines }: Dump): readonly number[] {
  const all = TEXTS.map((_, at) => at + 1);
  for (const sequence of all)
    expect([undefined, TEXTS[sequence - 1]]).toContain(lines.get(sequence));
  return all.filter((sequence) => !lines.has(sequence));
}

function withFile(files: Files, path: string, change: (bytes: Uint8Array) => Uint8Array): Files {
  const bytes = files.get(path);
  if (bytes === undefined) throw new Error(`no ${path}`);
  return new Map([...files, [path, change(bytes.slice())]]);
}

function* flipped(files: Files, path: string) {
  const length = files.get(path)?.length ?? 0;
  for (let at = 0; at < length; at += 1) {
    for (const flip of FLIPS) {
      const was = files.get(path)?.[at] ?? 0;
      if (flip(was) === was) continue;
      yield { at, files: withFile(files, path, (bytes) => bytes.fill(flip(was), at, at + 1)) };
    }
  }
}

/** Sequence of the line that holds a byte of a segment. */
function ownerOf(at: number, first: number, last: number): number {
  let end = 0;
  for (let sequence = first; sequence <= last; sequence += 1) {
    end += (TEXTS[sequence - 1]?.length ?? 0) + 1;
    if (at < end) return sequence;
  }
  return last;
}

const SEGMENTS = [
  { name: "a closed segment", stem: FIRST, first: 1, last: 6 },
  { name: "the open segment", stem: SECOND, first: 7, last: 11 },
] as const;

describe("one flipped byte", () => {
  for (const { name, stem, first, last } of SEGMENTS) {
    describe(`when it is in the lines of ${name}`, () => {
      it("costs at most its own line, for good, and is told", async () => {
        for (const { at, files } of flipped(await killed(), `${stem}.jsonl`)) {
          const { before, after, report } = await live(files);
          const owner = ownerOf(at, first, last);
          expect(lost(before).filter((sequence) => sequence !== owner)).toEqual([]);
          const isNewline = at + 1 === offsetOf(owner + 1, first);
          if (isNewline) expect(lost(before)).toEqual([]);
          expect(lost(after)).toEqual(lost(before));
          expect(report.ok).toBe(false);
        }
      });
    });

    describe(`when ${name} is read from a sequence in its middle`, () => {
      it("gives what reading from the start gives", async () => {
        for (const part of ["jsonl", "idx"]) {
          for (const { files } of flipped(await killed(), `${stem}.${part}`)) {
            const disk = MemoryDisk.holding(files);
            const whole = await dump(DIR, disk.files);
            for (let from = first; from <= last; from += 1) {
              const rest = [...whole.lines].filter(([sequence]) => sequence >= from);
              expect([...(await dump(DIR, disk.files, from)).lines]).toEqual(rest);
            }
          }
        }
      });
    });

    describe(`when it is in the index of ${name}`, () => {
      it("costs at most its own line, for good, and is told", async () => {
        for (const { at, files } of flipped(await killed(), `${stem}.idx`)) {
          const { before, after, report } = await live(files);
          const owner = first + Math.floor(at / 12);
          const isLength = at % 12 < 4;
          expect(lost(before)).toEqual(isLength ? [] : [owner]);
          expect(lost(after)).toEqual(lost(before));
          expect(report.ok).toBe(false);
        }
      });
    });
  }

  for (const path of [`${FIRST}.manifest.json`, `${DIR}/durable.mark`]) {
    describe(`when it is in ${path.slice(DIR.length + 1)}`, () => {
      it("costs no line and is told", async () => {
        for (const { files } of flipped(await killed(), path)) {
          const { before, after, report } = await live(files);
          expect([...lost(before), ...lost(after)]).toEqual([]);
          expect(report.ok).toBe(false);
        }
      });
    });
  }

  describe("when it is in spool.json", () => {
    it("costs no line once a producer has opened the spool", async () => {
      for (const { files } of flipped(await killed(), `${DIR}/spool.json`)) {
        const disk = MemoryDisk.holding(files);
        await verifySpool(DIR, { hash: testHash, files: disk.files });
        const producer = await open(disk.files);
        expect((await producer.append([line("new")])).first).toBe(TEXTS.length + 1);
        await producer.close();
        expect(lost(await dump(DIR, disk.files))).toEqual([]);
      }
    });
  });
});

async function repair(files: SpoolFiles): Promise<void> {
  await repairSpool({ dir: DIR, hash: testHash, lock: makeLock(), clock: makeClock(), files });
}

describe("one flipped byte that repair has seen", () => {
  const paths = [`${FIRST}.jsonl`, `${FIRST}.idx`, `${FIRST}.manifest.json`];
  for (const path of [...paths, `${SECOND}.jsonl`, `${SECOND}.idx`]) {
    it(`in ${path.slice(DIR.length + 1)}: no later repair gives a line that was not there`, async () => {
      for (const { files } of flipped(await killed(), path)) {
        const disk = MemoryDisk.holding(files);
        await repair(disk.files);
        const { lines } = await dump(DIR, disk.files);
        // What repair wrote proves nothing about the byte it found damaged.
        for (const one of [FIRST, SECOND]) await disk.files.unlink(`${one}.idx`);
        await repair(disk.files);
        const again = await dump(DIR, disk.files);
        expect(lost(again)).toEqual(expect.arrayContaining([...lost({ lines, gaps: [] })]));
        for (const sequence of again.lines.keys()) expect(lines.has(sequence)).toBe(true);
      }
    });
  }
});

describe("several bytes overwritten", () => {
  for (const { name, stem, first, last } of SEGMENTS) {
    describe(`when they are whole records of the index of ${name}`, () => {
      it("costs exactly their lines", async () => {
        const files = await killed();
        for (const value of [0, 1, 0xff]) {
          for (let from = first; from < last; from += 1) {
            for (let to = from; to < last; to += 1) {
              const [start, end] = [(from - first) * 12, (to - first + 1) * 12];
              const damaged = withFile(files, `${stem}.idx`, (b) => b.fill(value, start, end));
              const { before, after, report } = await live(damaged);
              expect(lost(before)).toEqual(range(from, to));
              expect(lost(after)).toEqual(range(from, to));
              expect(report.ok).toBe(false);
            }
          }
        }
      });
    });

    describe(`when they are whole lines of ${name}, newlines and all`, () => {
      it("costs exactly those lines", async () => {
        const files = await killed();
        for (let from = first; from < last; from += 1) {
          for (let to = from; to < last; to += 1) {
            const start = offsetOf(from, first);
            const damaged = withFile(files, `${stem}.jsonl`, (bytes) => {
              return bytes.fill(0, start, offsetOf(to + 1, first));
            });
            const { before, after } = await live(damaged);
            expect(lost(before)).toEqual(range(from, to));
            expect(lost(after)).toEqual(range(from, to));
          }
        }
      });
    });
  }
});

describe("a file cut short", () => {
  for (const { name, stem, first, last } of SEGMENTS) {
    for (const part of ["jsonl", "idx"] as const) {
      describe(`when it is the ${part} of ${name}, at any length`, () => {
        it("keeps every line that is whole, uses no sequence twice, and is told", async () => {
          const files = await killed();
          const length = files.get(`${stem}.${part}`)?.length ?? 0;
          for (let cut = 0; cut < length; cut += 1) {
            const shorter = withFile(files, `${stem}.${part}`, (bytes) => bytes.slice(0, cut));
            const { before, after, report } = await live(shorter);
            // A line that only misses its newline is whole.
            const owner =
              part === "idx" ? first + Math.floor(cut / 12) : ownerOf(cut + 1, first, last);
            const whole = cut + 1 === length && part === "jsonl" ? last + 1 : owner;
            expect(lost(before)).toEqual(range(whole, last));
            expect(lost(after)).toEqual(lost(before));
            expect(report.ok).toBe(false);
          }
        });
      });
    }
  }

  for (const path of [`${FIRST}.manifest.json`, `${DIR}/durable.mark`]) {
    describe(`when it is ${path.slice(DIR.length + 1)}`, () => {
      it("costs no line and is told", async () => {
        const files = await killed();
        for (let cut = 0; cut < (files.get(path)?.length ?? 0); cut += 1) {
          const result = await live(withFile(files, path, (bytes) => bytes.slice(0, cut)));
          expect(lost(result.after)).toEqual([]);
          expect(result.report.ok).toBe(false);
        }
      });
    });
  }

  describe("when it is spool.json, at any length", () => {
    it("costs no line once a producer has opened the spool, which gets its id back", async () => {
      const files = await killed();
      const path = `${DIR}/spool.json`;
      const idOf = (bytes: Uint8Array | undefined) =>
        /"spool_id":"(\w+)"/.exec(String.fromCharCode(...(bytes ?? [])))?.[1];
      for (let cut = 0; cut < (files.get(path)?.length ?? 0) - 1; cut += 1) {
        const disk = MemoryDisk.holding(withFile(files, path, (bytes) => bytes.slice(0, cut)));
        expect((await verifySpool(DIR, { hash: testHash, files: disk.files })).ok).toBe(false);
        const producer = await open(disk.files);
        expect((await producer.append([line("new")])).first).toBe(TEXTS.length + 1);
        await producer.close();
        expect(producer.spoolId).toBe(idOf(files.get(path)));
        expect(lost(await dump(DIR, disk.files))).toEqual([]);
      }
    });
  });

  describe("when a killed producer left half a line and half a record", () => {
    it("cuts them, keeps them in quarantine and loses nothing", async () => {
      const files = await killed();
      for (let more = 1; more < 30; more += 1) {
        const tail = new Uint8Array(more).fill(0x41);
        const grow = (bytes: Uint8Array) => Uint8Array.from([...bytes, ...tail]);
        const torn = withFile(withFile(files, `${SECOND}.jsonl`, grow), `${SECOND}.idx`, grow);
        const { before, after, report } = await live(torn);
        expect([...lost(before), ...lost(after)]).toEqual([]);
        expect(after.gaps).toEqual([]);
        expect(report.ok).toBe(true);
      }
    });
  });
});

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}

function offsetOf(sequence: number, first: number): number {
  const before = TEXTS.slice(first - 1, sequence - 1);
  return before.reduce((sum, one) => sum + one.length + 1, 0);
}
