import { describe, expect, it } from "vitest";
import type { Assessment } from "../../src/index.ts";
import { reasonsKey, speak, type SpeakContext } from "../../src/speak/index.ts";
import { assessment, reason } from "./build.ts";

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;
const OTHER = `blake3:${"b".repeat(64)}`;

function context(previous: Assessment | null, parts: Partial<SpeakContext> = {}): SpeakContext {
  return {
    previous: previous ? { assessment: previous, at: NOW - 1000 } : null,
    past: [],
    accepted: [],
    now: NOW,
    today: "2027-01-15",
    reattestMs: DAY,
    rememberMs: 30 * DAY,
    ...parts,
  };
}

const risky = (parts: Partial<Assessment> = {}) =>
  assessment({
    score: 7.5,
    band: "critical",
    modelHash: "risky",
    closureHash: OTHER,
    reasons: [reason("destructive_in_hook", 4, { pattern: "rm -rf" })],
    ...parts,
  });

describe("speak", () => {
  describe("when there is no previous assessment", () => {
    it.each([
      ["low", "info"],
      ["medium", "warn"],
      ["high", "high"],
      ["critical", "critical"],
    ] as const)("tells a %s one at %s", (band, severity) => {
      expect(speak(assessment({ band }), context(null))?.severity).toBe(severity);
    });
  });

  describe("when neither model nor closure changed", () => {
    it("says nothing, whatever the bytes are", () => {
      const other = assessment({ contentHash: OTHER });
      expect(speak(other, context(assessment()))).toBeNull();
    });
    it("tells it again after a day, at info, also a critical one", () => {
      const told = { assessment: risky(), at: NOW - DAY };
      expect(speak(risky(), context(null, { previous: told }))).toEqual({
        severity: "info",
        reattestation: true,
        returned: false,
        accepted: null,
      });
    });
    it("tells it again when the clock was set back before the last time", () => {
      const told = { assessment: risky(), at: NOW + 365 * DAY };
      expect(speak(risky(), context(null, { previous: told }))?.reattestation).toBe(true);
    });
  });

  describe("when something changed", () => {
    it("is as loud as the band when the band rose", () => {
      expect(speak(risky(), context(assessment()))?.severity).toBe("critical");
    });
    it("is as loud as the band when a weighty reason is new in an equal band", () => {
      const more = risky({
        reasons: [...risky().reasons, reason("persistence_in_hook", 3, { path: "~/.bashrc" })],
        score: 9,
      });
      expect(speak(more, context(risky()))?.severity).toBe("critical");
    });
    it("is as loud as the band when a weighty reason changed its payload", () => {
      const other = risky({ reasons: [reason("destructive_in_hook", 4, { pattern: "shred" })] });
      expect(speak(other, context(risky()))?.severity).toBe("critical");
    });
    it("is quiet when the band fell or only habits are new", () => {
      expect(speak(assessment({ modelHash: "x" }), context(risky()))?.severity).toBe("info");
      const habit = risky({ reasons: [...risky().reasons, reason("helper_command", 0.5)] });
      expect(speak(habit, context(risky()))?.severity).toBe("info");
    });
    it("does not take another snippet of the same finding for news", () => {
      const before = assessment({
        band: "high",
        reasons: [reason("destructive_in_hook", 4, { pattern: "rm -rf", snippet: "a" })],
      });
      const after = { ...before, modelHash: "n" };
      const same = [reason("destructive_in_hook", 4, { pattern: "rm -rf", snippet: "b" })];
      expect(speak({ ...after, reasons: same }, context(before))?.severity).toBe("info");
    });
  });

  describe("when the closure of an entry changed behind it", () => {
    const with_ = (kind: "guard" | "hook" | "server", digest: string, scope: Assessment["scope"]) =>
      assessment({
        scope,
        closureHash: digest,
        closures: [{ kind, id: "PreToolUse|Bash|0", digest }],
      });
    it("warns at least, for a guard in any scope", () => {
      const before = with_("guard", "1", "user-global");
      expect(speak(with_("guard", "2", "user-global"), context(before))?.severity).toBe("warn");
    });
    it("warns also when the patch made the guard an ordinary hook", () => {
      const before = with_("guard", "1", "user-global");
      expect(speak(with_("hook", "2", "user-global"), context(before))?.severity).toBe("warn");
    });
    it.each(["hook", "server"] as const)("warns for a project's %s, not for the user's", (kind) => {
      const project = speak(with_(kind, "2", "project"), context(with_(kind, "1", "project")));
      const user = speak(with_(kind, "2", "user-global"), context(with_(kind, "1", "user-global")));
      expect([project?.severity, user?.severity]).toEqual(["warn", "info"]);
    });
  });

  describe("when a path returns to what it was within 30 days", () => {
    const medium = assessment({
      scope: "project",
      band: "medium",
      score: 3,
      modelHash: "branch",
      closureHash: OTHER,
      reasons: [reason("hook_on_open", 2)],
    });
    const past = { closureHash: OTHER, reasonsKey: reasonsKey(medium), at: NOW - 29 * DAY };
    it("is quiet", () => {
      const speech = speak(medium, context(assessment(), { past: [past] }));
      expect(speech).toMatchObject({ severity: "info", returned: true });
    });
    it("is not quiet after longer than that, with other reasons, or in the upper bands", () => {
      const old = [{ ...past, at: NOW - 31 * DAY }];
      expect(speak(medium, context(assessment(), { past: old }))?.severity).toBe("warn");
      const others = [{ ...past, reasonsKey: "" }];
      expect(speak(medium, context(assessment(), { past: others }))?.severity).toBe("warn");
      const critical = risky({ reasons: medium.reasons });
      expect(speak(critical, context(assessment(), { past: [past] }))?.severity).toBe("critical");
    });
    it("is not quiet for a guard's closure", () => {
      const guard = (digest: string) => [{ kind: "guard", id: "g", digest }] as const;
      const before = assessment({ scope: "project", closures: guard("1") });
      const after = { ...medium, reasons: [], band: "low", closures: guard("2") } as const;
      const same = [{ ...past, reasonsKey: "" }];
      expect(speak(after, context(before, { past: same }))?.severity).toBe("warn");
    });
  });

  describe("when the operator accepted it", () => {
    const accepted = {
      path: risky().path,
      closure_hash: OTHER,
      kinds: ["destructive_in_hook"],
      until: "2027-01-15",
      why: "CI image",
    };
    it("is info and says so, on the last day too", () => {
      expect(speak(risky(), context(null, { accepted: [accepted] }))).toEqual({
        severity: "info",
        reattestation: false,
        returned: false,
        accepted: { until: "2027-01-15", why: "CI image" },
      });
    });
    it.each([
      ["the closure changed", { closure_hash: `blake3:${"c".repeat(64)}` }],
      ["it ran out", { until: "2027-01-14" }],
      ["a reason is of another kind", { kinds: ["no_sandbox"] }],
      ["it is about another file", { path: "/other" }],
    ])("is void when %s", (_why, change) => {
      const void_ = [{ ...accepted, ...change }];
      expect(speak(risky(), context(null, { accepted: void_ }))?.severity).toBe("critical");
    });
  });
});
