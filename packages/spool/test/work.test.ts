import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  exportSpool,
  openConsumer,
  openProducer,
  repairSpool,
  tailSpool,
  verifySpool,
  type SpoolFiles,
  type SpoolHash,
} from "../src/index.ts";
import { MemoryDisk } from "./model/memory-files.ts";
import { line, makeClock, makeLock, testHash } from "./support.ts";

const DIR = "/spool";
const STEM = `${DIR}/00000000000000000001`;
const KIB = 1024;
const NEWLINE = 0x0a;
const RECORD_BYTES = 12;
/** Bytes read and digested, as many times the size of the files that were read. */
const FACTOR = 16;
const ROUNDS = process.env["SIGIL_TEST_LONG"] === undefined ? 60 : 600;

type Record = { readonly length: number; readonly digest?: Uint8Array };
type Segment = { readonly data: Buffer; readonly index: Buffer };

function indexOf(records: readonly Record[]): Buffer {
  const index = Buffer.alloc(records.length * RECORD_BYTES, 0x01);
  for (const [at, { length, digest }] of records.entries()) {
    index.writeUInt32LE(length, at * RECORD_BYTES);
    if (digest !== undefined) index.set(digest.subarray(0, 8), at * RECORD_BYTES + 4);
  }
  return index;
}

function times<Item>(count: number, make: (at: number) => Item): Item[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

function good(text: string): Record {
  return { length: text.length, digest: testHash.digest(line(text)) };
}

/** Counts what is read from a disk and digested, and stops a reader that has done far too much. */
class Meter {
  readonly #limit: number;
  read = 0;
  digested = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  readonly hash: SpoolHash = {
    digest: (bytes) => {
      this.#digests(bytes);
      return testHash.digest(bytes);
    },
    create: () => {
      const hasher = testHash.create();
      const update = (bytes: Uint8Array) => {
        this.#digests(bytes);
        hasher.update(bytes);
      };
      return { update, digest: () => hasher.digest() };
    },
  };

  files(disk: MemoryDisk): SpoolFiles {
    const openRead: SpoolFiles["openRead"] = async (path) => {
      const handle = await disk.files.openRead(path);
      const read: typeof handle.read = async (into, position) => {
        const got = await handle.read(into, position);
        this.read += got;
        return got;
      };
      return { ...handle, read };
    };
    return { ...disk.files, openRead };
  }

  #digests(bytes: Uint8Array): void {
    this.digested += bytes.length;
    if (this.digested > this.#limit) throw new Error("far too much was digested");
  }
}

/** The mark that acknowledges everything up to a sequence. */
function markOf(spoolId: string, sequence: number): Buffer {
  const mark = Buffer.alloc(16);
  mark.writeBigUInt64LE(BigInt(sequence), 0);
  const check = testHash.digest(Buffer.concat([Buffer.from(spoolId), mark.subarray(0, 8)]));
  mark.set(check.subarray(0, 8), 8);
  return mark;
}

/** A spool whose only segment someone else wrote, and all of it acknowledged. */
async function hostile({ data, index }: Segment): Promise<MemoryDisk> {
  const disk = new MemoryDisk(() => 0);
  const ports = { hash: testHash, lock: makeLock(), clock: makeClock(), files: disk.files };
  const producer = await openProducer({ dir: DIR, ...ports });
  await producer.append([line("one")]);
  disk.put(`${STEM}.jsonl`, data);
  disk.put(`${STEM}.idx`, index);
  const sequence = Math.max(1, Math.floor(index.length / RECORD_BYTES));
  disk.put(`${DIR}/durable.mark`, markOf(producer.spoolId, sequence));
  return disk;
}

type Ports = { readonly files: SpoolFiles; readonly hash: SpoolHash };

const READERS: Readonly<{ [name: string]: (ports: Ports) => Promise<unknown> }> = {
  verify: async (ports) => await verifySpool(DIR, ports),
  export: async (ports) => {
    let last = 0;
    for await (const { sequence } of exportSpool({ dir: DIR, ...ports })) last = sequence;
    return last;
  },
  tail: async (ports) => await tailSpool(DIR, 10, ports),
  recovery: async (ports) => {
    const producer = await openProducer({
      dir: DIR,
      lock: makeLock(),
      clock: makeClock(),
      ...ports,
    });
    await producer.close();
  },
  repair: async (ports) =>
    await repairSpool({ dir: DIR, ...ports, lock: makeLock(), clock: makeClock() }),
  consumer: async (ports) => {
    const consumer = await openConsumer({
      dir: DIR,
      checkpointDir: "/consumer",
      lock: makeLock(),
      clock: makeClock(),
      ...ports,
    });
    for (let more = true; more;) {
      const batch = await consumer.read({ maxLines: 20_000 });
      more = batch.last >= batch.first;
    }
    await consumer.close();
  },
};

/** Small files (spool.json, the mark, manifests) are read whatever the segment is. */
const ASIDE = 8 * KIB;

function sizeOf({ data, index }: Segment): number {
  return data.length + index.length;
}

async function expectLinear(segment: Segment): Promise<void> {
  const most = FACTOR * sizeOf(segment) + ASIDE;
  for (const [name, reader] of Object.entries(READERS)) {
    const disk = await hostile(segment);
    const meter = new Meter(most);
    await reader({ files: meter.files(disk), hash: meter.hash });
    expect(meter.read + meter.digested, name).toBeLessThan(most);
  }
}

const SIZE = 32 * KIB;

/** Segments of one size, each made so that a careless reader passes its bytes again and again. */
const SHAPES: Readonly<{ [name: string]: () => Segment }> = {
  "one line without an end, and an index of lines of one byte": () => ({
    data: Buffer.alloc(SIZE, "a"),
    index: indexOf(times(SIZE / 2, () => ({ length: 1 }))),
  }),
  "one line without an end, in which the index proves lines of one byte": () => ({
    data: Buffer.alloc(SIZE, "a"),
    index: indexOf(times(SIZE / 2, () => good("a"))),
  }),
  "one line without an end, of which the index proves every second byte": () => ({
    data: Buffer.alloc(SIZE, "a"),
    index: indexOf(times(SIZE / 2, (at) => (at % 2 === 0 ? good("a") : { length: 1 }))),
  }),
  "short lines, none of which matches": () => ({
    data: Buffer.from("aaa\n".repeat(SIZE / 4)),
    index: indexOf(times(SIZE / 4, () => ({ length: 3 }))),
  }),
  "short lines, of which every second matches": () => ({
    data: Buffer.from("aaa\n".repeat(SIZE / 4)),
    index: indexOf(times(SIZE / 4, (at) => (at % 2 === 0 ? good("aaa") : { length: 3 }))),
  }),
  "nothing but newlines, and an index of lengths of zero": () => ({
    data: Buffer.alloc(SIZE, NEWLINE),
    index: indexOf(times(SIZE / 2, () => ({ length: 0 }))),
  }),
  "nothing but newlines, and an index of lengths of one": () => ({
    data: Buffer.alloc(SIZE, NEWLINE),
    index: indexOf(times(SIZE / 2, () => ({ length: 1 }))),
  }),
  "few bytes, and an index many times as long": () => ({
    data: Buffer.alloc(64, "a"),
    index: indexOf(times(SIZE, () => ({ length: 1 }))),
  }),
  "an index whose lengths lead far away, here and there": () => ({
    data: Buffer.from("aaa\n".repeat(SIZE / 4)),
    index: indexOf(
      times(SIZE / 4, (at) => (at % 4 !== 0 ? good("aaa") : { length: 4 * at + (at % 8) * 2000 })),
    ),
  }),
  "an index whose lengths lead into the same long line again and again": () => {
    const short = SIZE / 2;
    return {
      data: Buffer.concat([
        Buffer.from("aaa\n".repeat(short / 4)),
        Buffer.alloc(short - 1, "b"),
        Buffer.from("\n"),
      ]),
      index: indexOf(
        times(short / 4, (at) => {
          // The first leads to the middle of the long line, the second says that it ends with it.
          if (at % 4 === 0) return { length: SIZE - 4 * at - 1 - short / 2 };
          return at % 4 === 1 ? { length: short / 2 - 1 } : good("aaa");
        }),
      ),
    };
  },
  "runs of lost lines that end long before the newlines that were counted": () => {
    const long = 512;
    // 50 records of one byte lead into the line; the 51st says how it ends.
    const tail = "x".repeat(long - 101);
    return {
      data: Buffer.from(`${"x".repeat(100)}${tail}\n`.repeat(SIZE / long)),
      index: indexOf(
        times(SIZE / long, () => [...times(50, () => ({ length: 1 })), good(tail)]).flat(),
      ),
    };
  },
};

describe("the work of reading a segment that someone else wrote", () => {
  for (const [name, make] of Object.entries(SHAPES)) {
    describe(`when it is ${name}`, () => {
      it("is linear in its size, for each who reads it", async () => {
        await expectLinear(make());
      });
    });
  }
});

describe("a consumer that reads few lines at a time", () => {
  for (const [name, make] of Object.entries(SHAPES)) {
    describe(`when the segment is ${name}`, () => {
      it("goes on where it stopped, and digests nothing again", async () => {
        const segment = make();
        const disk = await hostile(segment);
        // Each of the reads looks at the mark first, and two have a line in common.
        const reads = segment.index.length / RECORD_BYTES / 50 + 2;
        const meter = new Meter(FACTOR * sizeOf(segment) + reads * 200);
        const at = { dir: DIR, checkpointDir: "/consumer", lock: makeLock(), clock: makeClock() };
        const ports = { files: meter.files(disk), hash: meter.hash };
        const consumer = await openConsumer({ ...at, ...ports });
        let last = 0;
        for (let more = true; more;) {
          const batch = await consumer.read({ maxLines: 50 });
          more = batch.last >= batch.first;
          last = Math.max(last, batch.last);
        }
        await consumer.close();
        expect(last).toBe(segment.index.length / RECORD_BYTES);
      });
    });
  }
});

/** Pieces that fit each other often enough to lead readers on. */
const piece = fc.oneof(
  fc.constantFrom("a", "aa", "\n", "a\n", "aa\na\n"),
  fc.integer({ min: 1, max: 5000 }).map((length) => "a".repeat(length)),
  fc.integer({ min: 1, max: 5000 }).map((length) => `${"a".repeat(length)}\n`),
);

const record: fc.Arbitrary<Record> = fc.oneof(
  fc.constantFrom(good("a"), good("aa"), { length: 0 }, { length: 1 }, { length: 2 ** 32 - 1 }),
  fc.integer({ min: 1, max: 5000 }).map((length) => good("a".repeat(length))),
  fc.integer({ min: 0, max: 60_000 }).map((length) => ({ length })),
);

/** A short pattern, repeated: what is superlinear shows only when there is much of it. */
function repeated<Item>(item: fc.Arbitrary<Item>, most: number): fc.Arbitrary<readonly Item[]> {
  return fc
    .tuple(
      fc.array(item, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: most }),
      fc.array(item, { maxLength: 3 }),
    )
    .map(([pattern, count, end]) => [...times(count, () => pattern).flat(), ...end]);
}

describe("the work of reading any segment", () => {
  it("is linear in the sizes of its two files", { timeout: 240_000 }, async () => {
    const segments = fc.tuple(repeated(piece, 400), repeated(record, 4000));
    await fc.assert(
      fc.asyncProperty(segments, async ([pieces, records]) => {
        const data = Buffer.from(pieces.join("").slice(0, 256 * KIB));
        await expectLinear({ data, index: indexOf(records) });
      }),
      { numRuns: ROUNDS },
    );
  });
});
