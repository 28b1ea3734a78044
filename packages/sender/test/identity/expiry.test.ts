import { writeFileSync } from "node:fs";
import type { EvidenceOf } from "@sigil/core/plain";
import { fakeClock, tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createExpiryWatch, dueWarning } from "../../src/identity/expiry.ts";

const DAY = 86_400_000;
const DAYS = [30, 7, 1];
const facts = { notAfter: 100 * DAY, serial: "ab" };

describe("dueWarning", () => {
  it.each([
    [31, null],
    [30, 30],
    [12.5, 12],
    [0.5, 0],
    [-2, -2],
  ])("with %d days left says %s", (left, told) => {
    const due = dueWarning(facts, null, DAYS, facts.notAfter - left * DAY);
    expect(due?.daysLeft ?? null).toBe(told);
  });

  it("tells of each threshold once for each certificate", () => {
    const at = (left: number) => facts.notAfter - left * DAY;
    const first = dueWarning(facts, null, DAYS, at(20));
    expect(first?.warned).toEqual({ serial: "ab", days: [30] });
    expect(dueWarning(facts, first?.warned ?? null, DAYS, at(8))).toBeNull();
    const second = dueWarning(facts, first?.warned ?? null, DAYS, at(7));
    expect(second?.warned.days).toEqual([30, 7]);
    const other = { ...facts, serial: "cd" };
    expect(dueWarning(other, second?.warned ?? null, DAYS, at(7))?.daysLeft).toBe(7);
  });

  it("says nothing without thresholds", () => {
    expect(dueWarning(facts, null, [], facts.notAfter + DAY)).toBeNull();
  });
});

describe("createExpiryWatch", () => {
  let dir: TempDir;
  beforeEach(() => {
    dir = tempDir();
  });
  afterEach(() => dir.remove());

  const certificate = { ...facts, hostId: "h", notBefore: 0, subject: "", issuer: "" };

  function watching(clock: { now(): number }) {
    const told: EvidenceOf<"certificate_expiring">[] = [];
    const file = dir.at("certificate.json");
    const tell = (evidence: EvidenceOf<"certificate_expiring">) => void told.push(evidence);
    return { told, watch: createExpiryWatch({ file, warnDays: DAYS, now: clock.now, tell }) };
  }

  it("does not repeat after a restart what it told before", async () => {
    const clock = fakeClock(facts.notAfter - 10 * DAY);
    const first = watching(clock);
    await first.watch.check(certificate);
    await first.watch.check(certificate);
    expect(first.told).toEqual([
      {
        kind: "certificate_expiring",
        not_after: new Date(facts.notAfter).toISOString(),
        days_left: 10,
        serial: "ab",
      },
    ]);
    const second = watching(clock);
    await second.watch.check(certificate);
    expect(second.told).toEqual([]);
    clock.advance(4 * DAY);
    await second.watch.check(certificate);
    expect(second.told).toHaveLength(1);
  });

  it("tells again rather than not at all when its memory is damaged", async () => {
    writeFileSync(dir.at("certificate.json"), "{");
    const { told, watch } = watching(fakeClock(facts.notAfter));
    await watch.check(certificate);
    expect(told).toHaveLength(1);
  });
});
