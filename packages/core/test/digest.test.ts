import { describe, expect, it } from "vitest";
import { toDigest, toHex } from "../src/index.ts";

describe("toHex", () => {
  it("writes two lower-case digits a byte, every byte value included", () => {
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(toHex(all)).toBe(Buffer.from(all).toString("hex"));
    expect(toHex(new Uint8Array())).toBe("");
  });
});

describe("toDigest", () => {
  it("names the hash", () => {
    expect(toDigest(new Uint8Array(32).fill(0xab))).toBe(`blake3:${"ab".repeat(32)}`);
  });
});
