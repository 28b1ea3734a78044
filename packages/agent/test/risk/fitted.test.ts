import { describe, expect, it } from "vitest";
import type { RiskAssessed } from "@sigil/core";
import { fitted } from "../../src/risk/fitted.ts";

const MAX = 128 * 1024;
const LONG_PATH = `/${"\u0001".repeat(4000)}`;

function evidence(given: Partial<RiskAssessed>): RiskAssessed {
  return {
    kind: "ai_guard_risk_assessed",
    tool: "claude-code",
    scope: "project",
    score: 1,
    reasons: [],
    band: "medium",
    path: LONG_PATH,
    project: null,
    executors: [],
    content_hash: null,
    closure_hash: `blake3:${"0".repeat(64)}`,
    rubric_version: "1",
    provenance: { multiplier: 1, why: [] },
    previous_score: null,
    omitted: {},
    project_total: null,
    controls: [],
    notices: [],
    accepted: null,
    reattestation: false,
    ...given,
  };
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const control = (index: number) => ({
  id: "deny-rule",
  path: LONG_PATH,
  setting: "permissions.deny",
  value: `Bash(${index})`,
});
const notice = (index: number) => ({
  id: "dead-key",
  path: LONG_PATH,
  setting: `env.${index}`,
  line: null,
  column: null,
  message: "It does nothing.",
});
const reason = (index: number) => ({
  kind: `kind-${index}`,
  snippet: "\u0002".repeat(512),
  path: LONG_PATH,
  factor: "content" as const,
  weight: index / 100,
  new: true,
});

function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

describe("fitted", () => {
  it("leaves an assessment that fits as it is", () => {
    const whole = evidence({ controls: [control(1)], notices: [notice(1)] });
    expect(fitted(whole, MAX)).toBe(whole);
  });

  it("keeps the first controls and notices there is room for, and counts the others", () => {
    const whole = evidence({
      omitted: { hook: 3 },
      controls: many(200, control),
      notices: many(200, notice),
    });
    const told = fitted(whole, MAX);
    expect(bytes(told)).toBeLessThan(MAX + 256);
    expect(told.controls).toEqual(whole.controls.slice(0, told.controls.length));
    expect(told.notices).toEqual(whole.notices.slice(0, told.notices.length));
    expect(told.controls.length).toBeGreaterThan(0);
    expect(told.notices.length).toBeGreaterThan(0);
    expect(told.omitted).toEqual({
      hook: 3,
      controls: 200 - told.controls.length,
      notices: 200 - told.notices.length,
    });
  });

  it("cuts the texts of reasons before it would be too long, and never a weight or a factor", () => {
    const whole = evidence({ reasons: many(240, reason) });
    const told = fitted(whole, MAX);
    expect(bytes(told)).toBeLessThan(MAX + 256);
    const counts = ({ reasons }: RiskAssessed) =>
      reasons.map(({ kind, factor, weight, new: isNew }) => ({ kind, factor, weight, isNew }));
    expect(counts(told)).toEqual(counts(whole));
  });

  it("cuts no character in two", () => {
    const told = fitted(
      evidence({
        reasons: many(60, (index) => ({ ...reason(index), snippet: `a${"😀".repeat(2000)}` })),
      }),
      MAX,
    );
    expect(told.reasons.every(({ ["snippet"]: text }) => String(text).isWellFormed())).toBe(true);
  });
});
