import { describe, expect, it } from "vitest";
import { sameStat } from "../../src/index.ts";
import { snapshot } from "./build.ts";

describe("sameStat", () => {
  it("holds for equal inode, size and times whatever else is known", () => {
    expect(sameStat(snapshot(), snapshot({ digest: null, mode: 0 }))).toBe(true);
  });
  it.each(["dev", "ino", "size", "mtimeNs", "ctimeNs"] as const)("fails when %s moved", (field) => {
    expect(sameStat(snapshot(), snapshot({ [field]: 99n }))).toBe(false);
  });
  it("tells apart nanoseconds that a float would round together", () => {
    const big = 1_780_000_000_000_000_001n;
    expect(sameStat(snapshot({ ctimeNs: big }), snapshot({ ctimeNs: big + 1n }))).toBe(false);
  });
});
