import { describe, expect, it } from "vitest";
import { parseSince } from "../../src/commands/show/since.ts";

const NOW = Date.parse("2026-05-10T12:00:00.000Z");

describe("parseSince", () => {
  it.each([
    ["90s", "2026-05-10T11:58:30.000Z"],
    ["10m", "2026-05-10T11:50:00.000Z"],
    ["2h", "2026-05-10T10:00:00.000Z"],
    ["7d", "2026-05-03T12:00:00.000Z"],
    ["1w", "2026-05-03T12:00:00.000Z"],
    ["2026-05-10T07:14:32.512Z", "2026-05-10T07:14:32.512Z"],
    ["2026-05-10T07:14:32+02:00", "2026-05-10T05:14:32.000Z"],
    ["2026-05-10T07:14:32", "2026-05-10T07:14:32.000Z"],
    ["2026-05-10 07:14:32", "2026-05-10T07:14:32.000Z"],
    ["2026-05-10", "2026-05-10T00:00:00.000Z"],
  ])("reads %s", (text, moment) => {
    expect(new Date(parseSince(text, NOW)).toISOString()).toBe(moment);
  });

  it.each(["", "soon", "10", "-5m", "5y", "2026-13-40", "2026-05-10T25:00:00Z", "1e3s", "May 1"])(
    "refuses %j with a hint",
    (text) => {
      expect(() => parseSince(text, NOW)).toThrow(
        expect.objectContaining({
          code: "SIGIL_USAGE_INVALID",
          hint: expect.stringContaining("10m, 2h or 7d"),
        }),
      );
    },
  );
});
