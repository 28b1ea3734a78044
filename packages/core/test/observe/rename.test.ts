import { describe, expect, it } from "vitest";
import { pairRenames } from "../../src/index.ts";
import { snapshot } from "./build.ts";

const side = (path: string, change = {}) => ({ path, snapshot: snapshot(change) });
const pairs = (...args: Parameters<typeof pairRenames>) => [...pairRenames(...args)];

describe("pairRenames", () => {
  describe("when device, inode and birth time are equal", () => {
    it("pairs new with old, changed contents or not", () => {
      expect(pairs([side("/old")], [side("/new", { digest: null, size: 9n })])).toEqual([
        ["/new", "/old"],
      ]);
    });
  });
  describe("when one of them differs", () => {
    it.each([
      { dev: 9n },
      { ino: 9n },
      { birthtimeNs: 9n },
      { birthtimeNs: 0n },
      { type: "symlink" },
    ])("does not pair: %o", (change) => {
      expect(pairs([side("/old")], [side("/new", change)])).toEqual([]);
    });
    it("does not mix device and inode up", () => {
      expect(
        pairs([side("/o", { dev: 1n, ino: 23n })], [side("/n", { dev: 12n, ino: 3n })]),
      ).toEqual([]);
    });
  });
  describe("when the file system keeps no birth time", () => {
    const none = { birthtimeNs: 0n };
    it("asks for equal digests too", () => {
      expect(pairs([side("/o", none)], [side("/n", none)])).toEqual([["/n", "/o"]]);
      const other = { ...none, digest: `blake3:${"b".repeat(64)}` };
      expect(pairs([side("/o", none)], [side("/n", other)])).toEqual([]);
    });
    it("does not take two missing digests for equal", () => {
      const unread = { ...none, digest: null };
      expect(pairs([side("/o", unread)], [side("/n", unread)])).toEqual([]);
    });
  });
  describe("when one inode had several names", () => {
    it("uses each old path once", () => {
      const fresh = ["/n1", "/n2", "/n3"].map((path) => side(path));
      const old = ["/o1", "/o2"].map((path) => side(path));
      expect(pairs(old, fresh)).toEqual([
        ["/n1", "/o1"],
        ["/n2", "/o2"],
      ]);
    });
  });
  it("pairs nothing with nothing", () => {
    expect(pairs([], [side("/n")])).toEqual([]);
    expect(pairs([side("/o")], [])).toEqual([]);
  });
});
