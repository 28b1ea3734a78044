import { describe, expect, it } from "vitest";
import type { RiskResult } from "../../src/risk/protocol.ts";
import { createSparing, OVERCOME, type Allowances, type Heavy } from "../../src/risk/sparing.ts";

const RESULT: RiskResult = { assessed: [], totals: [], watched: [] };
const OWN = "/home/u/.claude.json";

/** A thread that remembers what it read, and is overcome when that costs more than it has. */
function thread(files: Map<string, number>, room: number, cost: (path: string) => number) {
  let read: Heavy[] = [];
  let asked = 0;
  const groups: number[] = [];
  let known: string[] = [];
  const sparing = createSparing({
    ask(_only: readonly string[] | null, allowed: Allowances) {
      asked += 1;
      read = [...files]
        .filter(([path, bytes]) => bytes <= (allowed.get(path) ?? Number.POSITIVE_INFINITY))
        .map(([path, bytes]) => ({ path, bytes }));
      known = read.map(({ path }) => path);
      groups.push(read.length);
      const sum = read.reduce((all, { path }) => all + cost(path), 0);
      return Promise.resolve(sum > room ? OVERCOME : RESULT);
    },
    heavy: () => read,
    isForeign: (path) => path.startsWith("/code/"),
    monotonic: () => asked,
    findMs: 1000,
  });
  return { sparing, read: () => known, asked: () => asked, groups: () => groups };
}

function innocents(count: number): Map<string, number> {
  return new Map(Array.from({ length: count }, (_, index) => [`/code/p/${index}.md`, 2000]));
}

describe("createSparing", () => {
  it("leaves out only the file that ends the thread, and asks for no other one again", async () => {
    const files = innocents(300).set("/code/bomb.json", 500);
    const bench = thread(files, 1000, (path) => (path.includes("bomb") ? 9999 : 1));
    await bench.sparing.assess(null);
    expect(bench.read().toSorted()).toEqual([...innocents(300).keys()].toSorted());
    const asked = bench.asked();
    await bench.sparing.assess(["/code/bomb.json"]);
    expect(bench.asked()).toBe(asked + 1);
  });

  it("finds several", async () => {
    const files = innocents(40).set("/code/bomb1", 9000).set("/code/bomb2", 10).set("/bomb3", 1);
    const bench = thread(files, 1000, (path) => (path.includes("bomb") ? 1001 : 1));
    await bench.sparing.assess(null);
    expect(bench.read().toSorted()).toEqual([...innocents(40).keys()].toSorted());
  });

  it("reads a file again when it is half as large, and not for a byte less", async () => {
    const files = new Map([["/code/bomb", 1000]]);
    const bench = thread(files, 10, () => files.get("/code/bomb") ?? 0);
    await bench.sparing.assess(null);
    const asked = bench.asked();
    files.set("/code/bomb", 999);
    await bench.sparing.assess(["/code/bomb"]);
    expect([bench.read(), bench.asked()]).toEqual([[], asked + 1]);
    files.set("/code/bomb", 9);
    await bench.sparing.assess(["/code/bomb"]);
    expect(bench.read()).toEqual(["/code/bomb"]);
  });

  it("keeps the user's own large file when those of a project fill the thread together", async () => {
    const files = innocents(4000).set(OWN, 3_000_000);
    const bench = thread(files, 100, (path) => (path === OWN ? 50 : 1));
    await bench.sparing.assess(null);
    expect(bench.read()).toContain(OWN);
    // A plain end, one without the larger files, one with the user's own.
    expect(bench.groups().slice(0, 3)).toEqual([4001, 0, 1]);
  });

  it("blames no file when the thread ends without any, and says so", async () => {
    let broken = true;
    const sparing = createSparing({
      ask: (_only, allowed) => Promise.resolve(broken || allowed.size > 0 ? OVERCOME : RESULT),
      heavy: () => [{ path: OWN, bytes: 2000 }],
      isForeign: () => false,
      monotonic: () => 0,
      findMs: 1000,
    });
    await expect(sparing.assess(null)).rejects.toThrow("ran out of memory");
    broken = false;
    await expect(sparing.assess(null)).resolves.toBe(RESULT);
  });
});
