import { fakeClock } from "@sigil/testkit";
import { describe, expect, it } from "vitest";
import { createConditions } from "../src/conditions.ts";

describe("createConditions", () => {
  it("keeps since when a condition holds, whatever its detail, and tells when one begins or ends", () => {
    const clock = fakeClock(0);
    let changes = 0;
    const conditions = createConditions(clock.now, () => (changes += 1));
    conditions.set("behind", "10 events");
    clock.advance(1000);
    conditions.set("behind", "20 events");
    expect(conditions.list()).toMatchObject([
      { code: "behind", severity: "warn", detail: "20 events", since: "1970-01-01T00:00:00.000Z" },
    ]);
    expect(changes).toBe(1);
    conditions.set("behind", null);
    conditions.set("behind", null);
    expect(conditions.list()).toEqual([]);
    expect(changes).toBe(2);
  });
});
