import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openProducer, tailSpool, verifySpool } from "../src/index.ts";
import {
  collector,
  dump,
  line,
  makeClock,
  makeLock,
  realFiles,
  tempDir,
  testHash,
} from "./support.ts";

const FIRST = "00000000000000000001";
const SECOND = "00000000000000000004";
const IMMENSE = 5 * 1024 ** 3;
const PRECIOUS = "precious\n";

/** What may stand where a file was; `outside` is a file of somebody else. */
const STAND_INS: Readonly<Record<string, (path: string, outside: string) => void>> = {
  nothing: () => undefined,
  "an empty file": (path) => writeFileSync(path, ""),
  "a directory": (path) => mkdirSync(path),
  "a directory with a file in it": (path) => {
    mkdirSync(path);
    writeFileSync(join(path, "x"), "x");
  },
  "a pipe": (path) => void execFileSync("mkfifo", [path]),
  "a link to a file outside": (path, outside) => symlinkSync(outside, path),
  "a link to nothing outside": (path, outside) => symlinkSync(`${outside}.none`, path),
  "a link to a directory outside": (path, outside) => symlinkSync(dirname(outside), path),
};
const NAMES = [
  `${FIRST}.jsonl`,
  `${FIRST}.idx`,
  `${FIRST}.manifest.json`,
  `${SECOND}.jsonl`,
  `${SECOND}.idx`,
  "spool.json",
  "durable.mark",
];
/** Sequences whose lines are in a file or proven by it. */
const HELD: Readonly<Record<string, readonly number[]>> = {
  [`${FIRST}.jsonl`]: [1, 2, 3],
  [`${FIRST}.idx`]: [1, 2, 3],
  [`${SECOND}.jsonl`]: [4, 5],
  [`${SECOND}.idx`]: [4, 5],
};

const SOUND = mkdtempSync(join(tmpdir(), "spool-sound-"));

/** Lines 1–3 in a closed segment, 4–5 in one that a killed producer left open. */
beforeAll(async () => {
  const ports = { hash: testHash, lock: makeLock(), clock: makeClock(), files: realFiles };
  const producer = await openProducer({ dir: SOUND, ...ports });
  await producer.append(["one", "two", "three"].map(line));
  await producer.roll();
  await producer.append(["four", "five"].map(line));
});

afterAll(() => rmSync(SOUND, { recursive: true }));

function copy() {
  const root = tempDir();
  const dir = join(root, "spool");
  cpSync(SOUND, dir, { recursive: true });
  const outside = join(root, "outside");
  writeFileSync(outside, PRECIOUS);
  return { root, dir, outside };
}

/** Opens, appends one line, closes. @returns its sequence and what was reported */
async function live(dir: string) {
  const { reports, onReport } = collector();
  const ports = { hash: testHash, lock: makeLock(), clock: makeClock() };
  const producer = await openProducer({ dir, ...ports, onReport });
  const { first } = await producer.append([line("new")]);
  await producer.close();
  return { first, reports };
}

describe("anything in the place of a spool's file", () => {
  for (const name of NAMES) {
    for (const [what, make] of Object.entries(STAND_INS)) {
      it(`${name} is ${what}: told, not followed, and the producer opens and appends`, async () => {
        const { root, dir, outside } = copy();
        rmSync(join(dir, name));
        make(join(dir, name), outside);
        expect((await verifySpool(dir, { hash: testHash })).ok).toBe(false);
        const { first } = await live(dir);
        expect(first).toBe(6);
        const { lines } = await dump(dir);
        const held = HELD[name] ?? [];
        expect([...lines.keys()]).toEqual([1, 2, 3, 4, 5, 6].filter((at) => !held.includes(at)));
        expect(readFileSync(outside, "utf8")).toBe(PRECIOUS);
        expect(readdirSync(root).toSorted()).toEqual(["outside", "spool"]);
        expect((await live(dir)).first).toBe(7);
      });
    }
  }
});

describe("a file of 5 GB, most of it a hole", () => {
  for (const name of NAMES) {
    it(`${name}: costs no line, and the work is bounded`, async () => {
      const { dir } = copy();
      truncateSync(join(dir, name), IMMENSE);
      await verifySpool(dir, { hash: testHash });
      expect((await live(dir)).first).toBe(6);
      expect([...(await dump(dir)).lines.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
    });
  }

  it("an index of 5 GB is not walked when the mark is gone too", async () => {
    const { dir } = copy();
    truncateSync(join(dir, `${SECOND}.idx`), IMMENSE);
    rmSync(join(dir, "durable.mark"));
    expect([...(await dump(dir)).lines.keys()]).toEqual([1, 2, 3, 4, 5]);
    expect((await live(dir)).first).toBeGreaterThan(5);
  });
});

describe("a directory in the way of a file to be written", () => {
  for (const name of [".spool.json.tmp", `.${SECOND}.manifest.json.tmp`]) {
    it(`${name}: is moved aside, and nothing fails for it`, async () => {
      const { dir } = copy();
      mkdirSync(join(dir, name));
      if (name.includes("spool.json")) rmSync(join(dir, "spool.json"));
      const { first, reports } = await live(dir);
      expect(first).toBe(6);
      expect(reports).toContainEqual(expect.objectContaining({ kind: "moved_aside", file: name }));
      expect(reports.map(({ kind }) => kind)).not.toContain("manifest_failed");
      expect((await verifySpool(dir, { hash: testHash })).faults).toEqual([]);
    });
  }

  it("the next segment of a running producer: is moved aside, and appending goes on", async () => {
    const { dir } = copy();
    const ports = { hash: testHash, lock: makeLock(), clock: makeClock() };
    const producer = await openProducer({ dir, ...ports });
    mkdirSync(join(dir, "00000000000000000006.jsonl"));
    mkdirSync(join(dir, "00000000000000000006.idx"));
    await producer.roll();
    expect((await producer.append([line("six")])).first).toBe(6);
    await producer.close();
    expect((await dump(dir)).lines.get(6)).toBe("six");
  });
});

const nameOf = (first: number, part = "jsonl") => `${String(first).padStart(20, "0")}.${part}`;

describe("a mark made by hand at the end of all numbers", () => {
  function forge(dir: string, sequence: number): void {
    const { spool_id } = JSON.parse(readFileSync(join(dir, "spool.json"), "utf8")) as {
      readonly spool_id: string;
    };
    const mark = Buffer.alloc(16);
    mark.writeBigUInt64LE(BigInt(sequence));
    const check = testHash.digest(Buffer.concat([Buffer.from(spool_id), mark.subarray(0, 8)]));
    mark.set(check.subarray(0, 8), 8);
    writeFileSync(join(dir, "durable.mark"), mark);
  }

  it("is refused with SIGIL_SPOOL_SPENT, and told by verify", async () => {
    const { dir } = copy();
    forge(dir, 2 ** 52);
    await expect(live(dir)).rejects.toMatchObject({ code: "SIGIL_SPOOL_SPENT" });
    expect((await verifySpool(dir, { hash: testHash })).ok).toBe(false);
  });

  it("acknowledges no sequence that no reader gives", async () => {
    const { dir } = copy();
    forge(dir, 2 ** 52 - 2);
    const ports = { hash: testHash, lock: makeLock(), clock: makeClock(), files: realFiles };
    const producer = await openProducer({ dir, ...ports });
    const spent = { code: "SIGIL_SPOOL_SPENT" };
    expect((await producer.append([line("last but one")])).first).toBe(2 ** 52 - 1);
    await expect(producer.append(["a", "b"].map(line))).rejects.toMatchObject(spent);
    expect((await producer.append([line("last")])).first).toBe(2 ** 52);
    await expect(producer.append([line("more")])).rejects.toMatchObject(spent);
    await producer.close();
    const { lines } = await dump(dir, undefined, 2 ** 52 - 1);
    expect([...lines.values()]).toEqual(["last but one", "last"]);
  });
});

describe("a foreign file with a segment's name", () => {
  for (const stem of [
    "09007199254740991",
    "09007199254740992",
    "04503599627370496",
    "99999999999999999",
  ]) {
    it(`number ${stem} without lines: does not use up the sequences`, async () => {
      const { dir } = copy();
      writeFileSync(join(dir, `000${stem}.jsonl`), "not mine\n");
      writeFileSync(join(dir, `000${stem}.idx`), "");
      expect((await live(dir)).first).toBe(6);
      expect([...(await dump(dir)).lines.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
    });
  }

  it("many without lines, side by side: do not vouch for each other, and are moved aside and told", async () => {
    const { dir } = copy();
    const names = [2 ** 40, 2 ** 40 + 1, 2 ** 52 - 1, 2 ** 52].map((first) => nameOf(first));
    for (const name of names) writeFileSync(join(dir, name), "");
    const newest = await tailSpool(dir, 3, { hash: testHash });
    expect(newest.at(-1)?.sequence).toBe(5);
    const { first, reports } = await live(dir);
    expect(first).toBe(6);
    for (const file of names)
      expect(reports).toContainEqual({ kind: "moved_aside", file, to: `quarantine/${file}.moved` });
    expect([...(await dump(dir)).lines.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("a copy of a segment at the end of all numbers: takes no sequence, with the mark or without", async () => {
    for (const removed of [[], ["durable.mark", `${FIRST}.manifest.json`]]) {
      const { dir } = copy();
      for (const part of ["jsonl", "idx"])
        cpSync(join(dir, `${FIRST}.${part}`), join(dir, nameOf(2 ** 52, part)));
      for (const name of removed) rmSync(join(dir, name));
      expect((await live(dir)).first).toBe(6);
      expect([...(await dump(dir)).lines.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  it("a copy of a segment under another number: costs no line of another", async () => {
    const { dir } = copy();
    for (const part of ["jsonl", "idx", "manifest.json"]) {
      cpSync(join(dir, `${FIRST}.${part}`), join(dir, `00000000000000000009.${part}`));
    }
    expect((await verifySpool(dir, { hash: testHash })).ok).toBe(false);
    expect((await live(dir)).first).toBeGreaterThan(5);
    const { lines } = await dump(dir);
    for (const at of [1, 2, 3, 4, 5]) expect(lines.has(at)).toBe(true);
  });

  it("two segments that changed names: no line is given under another's number as its own", async () => {
    const { dir } = copy();
    for (const part of ["jsonl", "idx"]) {
      cpSync(join(dir, `${FIRST}.${part}`), join(dir, part));
      cpSync(join(dir, `${SECOND}.${part}`), join(dir, `${FIRST}.${part}`));
      cpSync(join(dir, part), join(dir, `${SECOND}.${part}`));
    }
    expect((await verifySpool(dir, { hash: testHash })).ok).toBe(false);
    expect((await live(dir)).first).toBeGreaterThan(5);
  });

  it("any other name: is left alone", async () => {
    const { dir } = copy();
    const names = ["1.jsonl", "core", "00000000000000000000.jsonl", "\u001b[2J", "a\nb", "-rf"];
    for (const name of names) writeFileSync(join(dir, name), "x");
    expect((await live(dir)).first).toBe(6);
    expect((await verifySpool(dir, { hash: testHash })).faults).toEqual([]);
    for (const name of names) expect(readFileSync(join(dir, name), "utf8")).toBe("x");
  });
});

describe("the open segment removed under a running producer", () => {
  async function removed(part: "jsonl" | "idx") {
    const { dir } = copy();
    const { reports, onReport } = collector();
    const ports = { hash: testHash, lock: makeLock(), clock: makeClock() };
    const producer = await openProducer({ dir, ...ports, onReport });
    await producer.maintain();
    expect(reports).toEqual([]);
    rmSync(join(dir, `${SECOND}.${part}`));
    return { dir, reports, producer };
  }

  it("its jsonl: what is written next is refused, for nobody would read it, told, and kept when it comes again", async () => {
    const { dir, reports, producer } = await removed("jsonl");
    await expect(producer.append([line("six")])).rejects.toMatchObject({ code: "SIGIL_SPOOL_IO" });
    const gone = { kind: "segment_gone", segment: SECOND, from: 4, to: 5 };
    expect(reports).toMatchObject([gone, { kind: "append_failed", events: 1 }]);
    expect((await producer.append([line("six")])).first).toBe(6);
    await producer.close();
    const { lines } = await dump(dir);
    expect([...lines.keys()]).toEqual([1, 2, 3, 6]);
  });

  it("another file in the place of its jsonl: the same, and the file is left as it is", async () => {
    const { dir, reports, producer } = await removed("jsonl");
    const edited = "edited by hand\n";
    writeFileSync(join(dir, `${SECOND}.jsonl`), edited);
    await expect(producer.append([line("six")])).rejects.toMatchObject({ code: "SIGIL_SPOOL_IO" });
    const gone = { kind: "segment_gone", segment: SECOND, from: 4, to: 5 };
    expect(reports).toMatchObject([gone, { kind: "append_failed", events: 1 }]);
    expect((await producer.append([line("six")])).first).toBe(6);
    await producer.close();
    expect(readFileSync(join(dir, `${SECOND}.jsonl`), "utf8")).toBe(edited);
    const { lines } = await dump(dir);
    expect([...lines.keys()]).toEqual([1, 2, 3, 6]);
  });

  it("its jsonl, with nothing written since: is told at the next look", async () => {
    const { dir, reports, producer } = await removed("jsonl");
    await producer.maintain();
    expect(reports).toEqual([{ kind: "segment_gone", segment: SECOND, from: 4, to: 5 }]);
    expect((await producer.append([line("six")])).first).toBe(6);
    await producer.close();
    const { lines } = await dump(dir);
    expect([...lines.keys()]).toEqual([1, 2, 3, 6]);
  });

  it("its idx: is told with the sequences, and what comes next is kept", async () => {
    const { dir, reports, producer } = await removed("idx");
    await producer.append([line("six")]);
    await producer.maintain();
    expect(reports).toEqual([{ kind: "segment_gone", segment: SECOND, from: 4, to: 6 }]);
    expect((await producer.append([line("seven")])).first).toBe(7);
    await producer.close();
    const { lines } = await dump(dir);
    expect([...lines.keys()]).toEqual([1, 2, 3, 7]);
  });
});

describe("a file of the open segment replaced before anything looked at it", () => {
  /** The same bytes in another file. */
  function replace(path: string): void {
    cpSync(path, `${path}.x`);
    renameSync(`${path}.x`, path);
  }

  async function opened() {
    const { dir } = copy();
    const { reports, onReport } = collector();
    const ports = { hash: testHash, lock: makeLock(), clock: makeClock(), files: realFiles };
    const producer = await openProducer({ dir, ...ports, onReport });
    return { dir, reports, producer };
  }

  it("the idx of a segment that was begun: is told at the first look, and what comes next is kept", async () => {
    const { dir, reports, producer } = await opened();
    await producer.roll();
    await producer.append([line("six")]);
    replace(join(dir, "00000000000000000006.idx"));
    await producer.append([line("seven")]);
    await producer.maintain();
    const segment = "00000000000000000006";
    expect(reports).toEqual([{ kind: "segment_gone", segment, from: 6, to: 7 }]);
    await producer.append([line("eight")]);
    await producer.close();
    const { lines } = await dump(dir);
    // The copy holds what was written before it.
    expect([...lines.keys()]).toEqual([1, 2, 3, 4, 5, 6, 8]);
  });

  it("the idx of a segment that goes on: the same", async () => {
    const { dir, reports, producer } = await opened();
    replace(join(dir, `${SECOND}.idx`));
    await producer.maintain();
    expect(reports).toEqual([{ kind: "segment_gone", segment: SECOND, from: 4, to: 5 }]);
    expect((await producer.append([line("six")])).first).toBe(6);
    await producer.close();
    expect([...(await dump(dir)).lines.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("the jsonl of a segment that goes on: the first append is refused, and kept when it comes again", async () => {
    const { dir, producer } = await opened();
    replace(join(dir, `${SECOND}.jsonl`));
    await expect(producer.append([line("six")])).rejects.toMatchObject({ code: "SIGIL_SPOOL_IO" });
    expect((await producer.append([line("six")])).first).toBe(6);
    await producer.close();
    expect([...(await dump(dir)).lines.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
