import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGitTracker, DEFAULT_GIT_LIMITS } from "../../src/git/index.ts";
import { type IndexFile, parseIndex } from "../../src/git/index-file.ts";
import { isUnanswered } from "../../src/git/reason.ts";
import { isListed, splitView, wholeView } from "../../src/git/view.ts";
import { addNames, git, initRepo, type Scratch, scratch } from "./repo.ts";

let temp: Scratch;
let root: string;
const samples = new Map<string, Buffer>();
let base: IndexFile;

const NAMES = Array.from({ length: 12 }, (_, n) => `dir${String(n % 3)}/file${String(n)}`);

function parse(bytes: Buffer): IndexFile | { readonly reason: string } {
  const steps = parseIndex(bytes, 20, DEFAULT_GIT_LIMITS);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

/** Everything behind the checksum, so that damage reaches all of it. */
function ask(bytes: Buffer): unknown {
  const file = parse(bytes);
  if (isUnanswered(file)) return null;
  if (!("names" in file)) return null;
  const view = file.link === null ? wholeView(file) : splitView(file, file.link, base);
  if (isUnanswered(view)) return null;
  const answer = isListed(view, "dir1/file1");
  return isUnanswered(answer) ? null : answer;
}

function sealed(bytes: Buffer): Buffer {
  const body = bytes.subarray(0, bytes.length - 20);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

beforeAll(() => {
  temp = scratch();
  root = initRepo(join(temp.path, "r"));
  const index = join(root, ".git/index");
  addNames(root, NAMES);
  samples.set("version 2", readFileSync(index));
  git(root, ["update-index", "--skip-worktree", "dir1/file1"]);
  samples.set("version 3", readFileSync(index));
  git(root, ["update-index", "--index-version", "4"]);
  samples.set("version 4", readFileSync(index));
  git(root, ["config", "splitIndex.maxPercentChange", "100"]);
  git(root, ["update-index", "--split-index"]);
  git(root, ["rm", "-q", "--cached", "dir0/file0", "dir0/file3"]);
  addNames(root, ["zzz"]);
  git(root, ["update-index", "--no-skip-worktree", "dir1/file1"]);
  samples.set("split", readFileSync(index));
  const shared = readdirSync(join(root, ".git")).find((name) => name.startsWith("sharedindex."));
  const parsed = parse(readFileSync(join(root, ".git", shared ?? "")));
  if (!("names" in parsed)) throw new Error("the base must parse");
  base = parsed;
});
afterAll(() => temp.remove());

const LEGAL = new Set<unknown>([true, false, null]);

describe.each(["version 2", "version 3", "version 4", "split"])(
  "a damaged index (%s)",
  (sample) => {
    const whole = (): Buffer => samples.get(sample) ?? Buffer.alloc(0);

    describe("when it is whole", () => {
      it("is answered from", () => {
        expect(ask(whole())).toBe(true);
        expect(ask(sealed(whole()))).toBe(true);
      });
    });

    describe("when it is cut anywhere", () => {
      it("answers null from the file", async () => {
        const index = join(root, ".git/index");
        for (let length = 0; length < whole().length; length += 1) {
          writeFileSync(index, whole().subarray(0, length));
          expect(await createGitTracker().tracked(join(root, "dir1/file1"))).toBe(null);
        }
      });

      it("does not break behind the checksum", () => {
        for (let length = 0; length < whole().length; length += 1) {
          const cut = whole().subarray(0, length);
          expect(LEGAL.has(ask(cut))).toBe(true);
          expect(LEGAL.has(ask(Buffer.concat([cut, Buffer.alloc(20)])))).toBe(true);
        }
      });
    });

    describe("when bytes flip", () => {
      it("answers null for one, by the checksum", async () => {
        const index = join(root, ".git/index");
        for (let at = 0; at < whole().length; at += 7) {
          const bytes = Buffer.from(whole());
          bytes[at] = (bytes[at] ?? 0) ^ 0x41;
          writeFileSync(index, bytes);
          expect(await createGitTracker().tracked(join(root, "dir1/file1"))).toBe(null);
        }
      });

      it("answers or not, and never throws, when the checksum was made to fit", () => {
        const flip = fc.record({
          at: fc.nat(),
          to: fc.oneof(fc.constantFrom(0, 0x7f, 0xff), fc.nat(255)),
        });
        fc.assert(
          fc.property(fc.array(flip, { minLength: 1, maxLength: 6 }), (flips) => {
            const bytes = Buffer.from(whole());
            for (const { at, to } of flips) bytes[at % bytes.length] = to;
            expect(LEGAL.has(ask(sealed(bytes)))).toBe(true);
          }),
          { numRuns: 1500 },
        );
      });
    });
  },
);

describe("a checksum of zeros (index.skipHash)", () => {
  describe("when the rest is sound", () => {
    it("is taken for none", async () => {
      const other = initRepo(join(temp.path, "z"));
      mkdirSync(other, { recursive: true });
      addNames(other, NAMES);
      const path = join(other, ".git/index");
      const bytes = readFileSync(path);
      bytes.fill(0, bytes.length - 20);
      writeFileSync(path, bytes);
      expect(await createGitTracker().tracked(join(other, "dir1/file1"))).toBe(true);
      expect(await createGitTracker().tracked(join(other, "dir1/file2"))).toBe(false);
    });
  });
});

const broken = (edit: (bytes: Buffer) => Buffer): unknown => {
  const bytes = edit(Buffer.from(samples.get("version 2") ?? []));
  return parse(sealed(bytes));
};

const withExtension = (signature: string, size: number) =>
  broken((bytes) => {
    const head = Buffer.alloc(8);
    head.write(signature, "latin1");
    head.writeUInt32BE(size, 4);
    return Buffer.concat([bytes.subarray(0, -20), head, Buffer.alloc(4), bytes.subarray(-20)]);
  });

describe("an index that breaks the format's own rules", () => {
  const corrupt = { reason: "corrupt_index" };

  describe("when names are out of order", () => {
    it("does not search it", () => {
      expect(
        broken((bytes) => {
          bytes.write("zzz", bytes.indexOf("dir0/file0"), "latin1");
          return bytes;
        }),
      ).toEqual(corrupt);
    });
  });

  describe("when it claims more entries than it can hold", () => {
    it("refuses it", () => {
      expect(
        broken((bytes) => {
          bytes.writeUInt32BE(999_999, 8);
          return bytes;
        }),
      ).toEqual(corrupt);
    });
  });

  describe("when an extension is unknown", () => {
    it("ignores an optional one and refuses a required one or a false size", () => {
      expect(withExtension("ABCD", 4)).toHaveProperty("names");
      expect(withExtension("abcd", 4)).toEqual({ reason: "unsupported_format" });
      expect(withExtension("ABCD", 5)).toEqual(corrupt);
      expect(withExtension("ABCD", 0xffff_ffff)).toEqual(corrupt);
      expect(withExtension("link", 4)).toEqual(corrupt);
    });
  });

  describe("when the version is unknown", () => {
    it("refuses it", () => {
      expect(
        broken((bytes) => {
          bytes.writeUInt32BE(5, 4);
          return bytes;
        }),
      ).toEqual({ reason: "unsupported_format" });
    });
  });
});

const split = () => {
  const file = parse(samples.get("split") ?? Buffer.alloc(0));
  if (!("names" in file) || file.link === null) throw new Error("the sample must be split");
  return { file, link: file.link };
};

describe("a split index that does not fit its base", () => {
  const corrupt = { reason: "corrupt_index" };

  describe("when it has more or fewer replacements than its bitmap", () => {
    it("is not answered from", () => {
      const { file, link } = split();
      expect(file.nameless).toBeGreaterThan(0);
      for (const nameless of [file.nameless - 1, file.nameless + 1]) {
        expect(splitView({ ...file, nameless }, link, base)).toEqual(corrupt);
      }
    });
  });

  describe("when an entry is both deleted and replaced", () => {
    it("is not answered from", () => {
      const { file } = split();
      // One bit, the first: one run-length word with one literal behind it.
      const first = Buffer.from("00000001000000020000000200000000000000000000000100000000", "hex");
      const link = { base: base.checksum, bitmaps: Buffer.concat([first, first]) };
      expect(splitView({ ...file, nameless: 1 }, link, base)).toEqual(corrupt);
      const none = Buffer.alloc(12);
      const sound = { base: base.checksum, bitmaps: Buffer.concat([none, first]) };
      expect(splitView({ ...file, nameless: 1 }, sound, base)).toHaveProperty("layers");
    });
  });

  describe("when bytes follow the bitmaps", () => {
    it("is not answered from", () => {
      const { file, link } = split();
      const bitmaps = Buffer.concat([link.bitmaps, Buffer.from([0])]);
      expect(splitView(file, { ...link, bitmaps }, base)).toEqual(corrupt);
    });
  });
});
