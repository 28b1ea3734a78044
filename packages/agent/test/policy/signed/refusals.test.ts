import { describe, expect, it } from "vitest";
import { createRefusals } from "../../../src/policy/signed/refusals.ts";

const HOUR_MS = 3_600_000;

describe("refusals", () => {
  it("are told once for each reason and delivery", () => {
    const refusals = createRefusals(() => 100);
    expect(refusals.note("rollback", "a", 0)).toBe(true);
    expect(refusals.note("rollback", "a", HOUR_MS * 5)).toBe(false);
    expect(refusals.note("expired", "a", 0)).toBe(true);
    expect(refusals.note("rollback", "b", 0)).toBe(true);
    expect(refusals.total).toBe(4);
  });

  it("that went beyond the hour's number are told when they come again later", () => {
    const refusals = createRefusals(() => 1);
    expect(refusals.note("rollback", "a", 0)).toBe(true);
    expect(refusals.note("rollback", "b", HOUR_MS - 1)).toBe(false);
    expect(refusals.note("rollback", "b", HOUR_MS)).toBe(true);
  });

  it("are remembered in bounds", () => {
    const refusals = createRefusals(() => Infinity);
    for (let at = 0; at < 1025; at += 1) refusals.note("rollback", String(at), 0);
    expect(refusals.note("rollback", "0", 0)).toBe(true);
    expect(refusals.note("rollback", "1024", 0)).toBe(false);
  });
});
