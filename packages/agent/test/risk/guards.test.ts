import { setImmediate as turn } from "node:timers/promises";
import type { GuardDrift, RiskAssessed, Severity } from "@sigil/core";
import type { Assessment } from "@sigil/risk";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Ahead } from "../../src/risk/ahead.ts";
import { Guards, type GuardsPorts } from "../../src/risk/guards.ts";
import type { Contents, GuardHold } from "../../src/risk/hold.ts";
import type { RiskResult } from "../../src/risk/protocol.ts";
import { openAssessments } from "../../src/state/assessments.ts";
import { openState } from "../../src/state/database.ts";

const SETTINGS = "/home/u/.claude/settings.json";
const SCRIPT = "/home/u/bin/guard.sh";
/** What the settings become unless a test says otherwise. */
const CHANGED = { before: "blake3:1", after: "blake3:2" };

function assessment(parts: Partial<Assessment> = {}): Assessment {
  return {
    tool: "claude-code",
    scope: "user-global",
    path: SETTINGS,
    realPath: SETTINGS,
    project: null,
    executors: [],
    contentHash: "blake3:1",
    closureHash: "blake3:1",
    scripts: [],
    score: 0,
    band: "low",
    reasons: [],
    omitted: {},
    provenance: { multiplier: 1, why: [] },
    controls: [],
    notices: [],
    modelHash: "m1",
    guards: [],
    closures: [],
    ...parts,
  };
}

interface Said {
  readonly evidence: RiskAssessed | GuardDrift;
  readonly severity: Severity;
}

function start(parts: Partial<GuardsPorts> = {}) {
  const { db } = openState(":memory:", 0);
  const store = openAssessments(db);
  const said: Said[] = [];
  const asked: (readonly string[] | null)[] = [];
  const world = { files: [] as Assessment[], totals: [] as RiskResult["totals"], now: 1000 };
  let scripts = 0;
  const failures: unknown[] = [];
  const ahead = new Ahead();
  let mended = 0;
  const make = () =>
    new Guards({
      assess(only) {
        asked.push(only);
        const assessed = world.files.map((file) => ({ home: "/home/u", assessment: file }));
        const watched = world.files.flatMap((file) => [file.path, ...file.scripts]);
        return Promise.resolve({ assessed, totals: world.totals, watched });
      },
      store,
      ahead,
      writer: {
        risk(evidence, severity, _told, onDurable) {
          said.push({ evidence, severity });
          onDurable?.();
        },
        drift: (evidence, severity) => void said.push({ evidence, severity }),
      },
      accepted: [],
      rubricVersion: "1",
      holdMs: 60_000,
      reattestMs: 100_000,
      rememberMs: 1_000_000,
      now: () => world.now,
      targetOf: () => "t",
      onScripts: () => (scripts += 1),
      onFailure: (error) => failures.push(error),
      onMended: () => (mended += 1),
      ...parts,
    });
  const words = () =>
    said
      .splice(0)
      .map(({ evidence, severity }) =>
        evidence.kind === "ai_guard_drift"
          ? `${severity} drift ${evidence.toggle}`
          : `${severity} ${evidence.score} was ${evidence.previous_score}${evidence.reattestation ? " again" : ""}`,
      );
  return {
    make,
    store,
    world,
    said,
    words,
    asked,
    failures,
    mended: () => mended,
    scripts: () => scripts,
  };
}

/** What a change declared as `warn` is told as. */
async function severityOf(guards: Guards, path: string, contents: Contents) {
  const hold = guards.changed(path, contents);
  await hold?.until;
  return hold?.severity("warn");
}

async function settled(guards: Guards): Promise<void> {
  guards.everything();
  await guards.idle();
}

describe("Guards", () => {
  describe("when it starts", () => {
    it("tells every file, once; a restart tells nothing again", async () => {
      const bench = start();
      bench.world.files = [assessment({ score: 7.5, band: "critical", modelHash: "x" })];
      await settled(bench.make());
      expect(bench.words()).toEqual(["critical 7.5 was null"]);
      await settled(bench.make());
      expect(bench.words()).toEqual([]);
    });
    it("watches the scripts that were known before the first assessment", async () => {
      const bench = start();
      bench.world.files = [assessment({ scripts: [SCRIPT] })];
      await settled(bench.make());
      expect(bench.scripts()).toBe(1);
      const again = bench.make();
      expect(again.scripts).toEqual([SCRIPT]);
      await settled(again);
      expect(bench.scripts()).toBe(1);
    });
  });

  describe("when a guard file changes", () => {
    it("holds the change until its assessment is told, and leaves its severity", async () => {
      const bench = start();
      bench.world.files = [assessment()];
      const guards = bench.make();
      await settled(guards);
      bench.words();
      bench.world.files = [assessment({ modelHash: "m2", score: 4, band: "high" })];
      const hold = guards.changed(SETTINGS, CHANGED);
      expect(hold?.over).toBe(false);
      await hold?.until;
      expect(bench.asked.at(-1)).toEqual([SETTINGS]);
      expect(bench.words()).toEqual(["high 4 was 0"]);
      expect(hold?.severity("warn")).toBe("warn");
    });
    it("makes the change info and says nothing when model and closure are what they were", async () => {
      const bench = start();
      bench.world.files = [assessment()];
      const guards = bench.make();
      await settled(guards);
      bench.words();
      bench.world.files = [assessment({ contentHash: "blake3:2" })];
      const hold = guards.changed(SETTINGS, CHANGED);
      await hold?.until;
      expect([bench.words(), hold?.severity("warn")]).toEqual([[], "info"]);
    });
    it("hears a script behind it, too", async () => {
      const bench = start();
      bench.world.files = [assessment({ scripts: [SCRIPT] })];
      const guards = bench.make();
      await settled(guards);
      bench.words();
      bench.world.files = [assessment({ scripts: [SCRIPT], closureHash: "blake3:9" })];
      const hold = guards.changed(SCRIPT, CHANGED);
      await hold?.until;
      expect([bench.words(), hold?.severity("warn")]).toEqual([["info 0 was 0"], "warn"]);
    });
    describe("and a run of everything reads it first", () => {
      /** Files as they are told of before the change of one of them comes. */
      async function told(...versions: Partial<Assessment>[]) {
        const bench = start();
        const guards = bench.make();
        for (const parts of versions) {
          bench.world.files = [assessment(parts)];
          await settled(guards);
        }
        bench.words();
        return { bench, guards };
      }

      it("keeps the severity of a new file", async () => {
        const { bench, guards } = await told({});
        expect(await severityOf(guards, SETTINGS, { before: null, after: "blake3:1" })).toBe(
          "warn",
        );
        expect(bench.words()).toEqual([]);
      });
      it("keeps the severity of other contents, also under the next policy", async () => {
        const { bench } = await told({}, { contentHash: "blake3:2", closureHash: "blake3:c2" });
        const next = bench.make();
        await settled(next);
        expect(await severityOf(next, SETTINGS, CHANGED)).toBe("warn");
        expect(bench.words()).toEqual([]);
      });
      it("keeps the severity of what is compared while everything is still being assessed", async () => {
        let hold: GuardHold | null = null;
        const result = { assessed: [{ home: "/home/u", assessment: assessment() }], totals: [] };
        const bench = start({
          assess(only) {
            if (only === null) hold = guards.changed(SETTINGS, { before: null, after: "blake3:1" });
            return Promise.resolve({ ...result, watched: [SETTINGS] });
          },
        });
        const guards = bench.make();
        await settled(guards);
        expect((hold as GuardHold | null)?.severity("warn")).toBe("warn");
      });
      it("keeps the severity of other attributes", async () => {
        const { guards } = await told(
          {},
          { provenance: { multiplier: 1.2, why: ["writable"] }, closureHash: "blake3:c2" },
        );
        expect(await severityOf(guards, SETTINGS, { before: "blake3:1", after: "blake3:1" })).toBe(
          "warn",
        );
      });
      it("keeps the severity of a script that a new hook runs", async () => {
        const { bench, guards } = await told({});
        bench.world.files = [
          assessment({ contentHash: "blake3:2", closureHash: "blake3:c2", scripts: [SCRIPT] }),
        ];
        expect(await severityOf(guards, SETTINGS, CHANGED)).toBe("warn");
        const created = { before: null, after: "blake3:9" };
        expect(await severityOf(guards, SCRIPT, created)).toBe("warn");
      });
      it("makes the next change info again", async () => {
        const { guards } = await told({}, { contentHash: "blake3:2", closureHash: "blake3:c2" });
        await guards.changed(SETTINGS, CHANGED)?.until;
        expect(await severityOf(guards, SETTINGS, { before: "blake3:2", after: "blake3:3" })).toBe(
          "info",
        );
      });
      it("makes a change of what it read info", async () => {
        const { guards } = await told({}, { contentHash: "blake3:2", closureHash: "blake3:c2" });
        expect(await severityOf(guards, SETTINGS, { before: "blake3:2", after: "blake3:3" })).toBe(
          "info",
        );
      });
    });
    it("makes other attributes of a file info after a script of its was told", async () => {
      const bench = start();
      bench.world.files = [assessment({ scripts: [SCRIPT] })];
      const guards = bench.make();
      await settled(guards);
      bench.world.files = [assessment({ scripts: [SCRIPT], closureHash: "blake3:c2" })];
      await guards.changed(SCRIPT, CHANGED)?.until;
      expect(await severityOf(guards, SETTINGS, { before: "blake3:1", after: "blake3:1" })).toBe(
        "info",
      );
    });
    it("makes the attributes after contents that were told info", async () => {
      const bench = start();
      bench.world.files = [assessment({ contentHash: "blake3:2" })];
      const guards = bench.make();
      await guards.changed(SETTINGS, CHANGED)?.until;
      expect(await severityOf(guards, SETTINGS, { before: "blake3:2", after: "blake3:2" })).toBe(
        "info",
      );
    });
    it("keeps the severity of what came after the change, but was read for it", async () => {
      const bench = start();
      bench.world.files = [assessment({ contentHash: "blake3:3" })];
      const guards = bench.make();
      await guards.changed(SETTINGS, CHANGED)?.until;
      expect(await severityOf(guards, SETTINGS, { before: "blake3:2", after: "blake3:3" })).toBe(
        "warn",
      );
    });
    it("does not touch a path that guards nothing", () => {
      const bench = start();
      expect(bench.make().changed("/home/u/.bashrc", CHANGED)).toBeNull();
    });
    it("lets the change go when the assessment fails, and says so", async () => {
      const bench = start({ assess: () => Promise.reject(new Error("no thread")) });
      const guards = bench.make();
      const hold = guards.changed(SETTINGS, CHANGED);
      await hold?.until;
      expect([hold?.severity("warn"), bench.failures.length]).toEqual(["warn", 1]);
    });
    it("assesses again, ever more rarely, what could not be, and apart from what changes meanwhile", async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      onTestFinished(() => void vi.useRealTimers());
      const asked: (readonly string[] | null)[] = [];
      let poison = true;
      const bench = start({
        assess(only) {
          asked.push(only);
          if (poison && only?.includes(SETTINGS)) return Promise.reject(new Error("it ended"));
          return Promise.resolve({ assessed: [], totals: [], watched: [] });
        },
      });
      const other = "/home/u/.claude/settings.local.json";
      const guards = bench.make();
      const later = async (ms: number) => {
        vi.advanceTimersByTime(ms);
        await guards.idle();
      };
      guards.changed(SETTINGS, CHANGED);
      await later(0);
      guards.changed(other, CHANGED);
      await later(999);
      expect(asked).toEqual([[SETTINGS], [other]]);
      await later(1);
      await later(3999);
      expect(asked.slice(2)).toEqual([[SETTINGS]]);
      expect([bench.failures.length, bench.mended()]).toEqual([2, 0]);
      poison = false;
      await later(1);
      expect(asked.slice(3)).toEqual([[SETTINGS]]);
      expect(bench.mended()).toBe(1);
    });
    it("lets the change go after its time when the assessment does not come", async () => {
      const bench = start({ assess: () => new Promise(() => undefined), holdMs: 5 });
      const hold = bench.make().changed(SETTINGS, CHANGED);
      await hold?.until;
      expect(hold?.over).toBe(true);
    });
    it("lets everything go when it is closed", async () => {
      const bench = start({ assess: () => new Promise(() => undefined) });
      const guards = bench.make();
      const hold = guards.changed(SETTINGS, CHANGED);
      await turn();
      guards.close();
      expect(hold?.over).toBe(false);
      expect(guards.changed(SETTINGS, CHANGED)).toBeNull();
    });
  });

  describe("when a guard file is gone", () => {
    it("tells zero and what was lost, once", async () => {
      const bench = start();
      const guard = { kind: "toggle", id: "sandbox", label: "sandbox.enabled" } as const;
      bench.world.files = [assessment({ score: 3, band: "medium", guards: [guard] })];
      const guards = bench.make();
      await settled(guards);
      bench.words();
      bench.world.files = [];
      await guards.changed(SETTINGS, CHANGED)?.until;
      expect(bench.words()).toEqual(["high drift sandbox", "info 0 was 3"]);
      await settled(guards);
      expect(bench.words()).toEqual([]);
    });
    it("keeps the others when only one was looked at", async () => {
      const bench = start();
      const other = assessment({ path: "/home/u/.claude/other.json", realPath: "/x" });
      bench.world.files = [assessment(), other];
      const guards = bench.make();
      await settled(guards);
      bench.words();
      bench.world.files = [assessment()];
      await guards.changed(SETTINGS, CHANGED)?.until;
      expect(bench.words()).toEqual([]);
    });
  });

  describe("when a day is over", () => {
    it("tells the same again at info", async () => {
      const bench = start();
      bench.world.files = [assessment({ score: 7.5, band: "critical" })];
      const guards = bench.make();
      await settled(guards);
      bench.words();
      guards.reattest();
      await guards.idle();
      expect(bench.words()).toEqual([]);
      bench.world.now += 100_000;
      guards.reattest();
      await guards.idle();
      expect(bench.words()).toEqual(["info 7.5 was 7.5 again"]);
    });
    it("tells it again when the clock was set back: it would be silent for years", async () => {
      const bench = start();
      bench.world.files = [assessment({ score: 7.5, band: "critical", modelHash: "x" })];
      const guards = bench.make();
      await settled(guards);
      bench.words();
      bench.world.now -= 1;
      guards.reattest();
      await guards.idle();
      expect(bench.words()).toEqual(["info 7.5 was 7.5 again"]);
      guards.reattest();
      await guards.idle();
      expect(bench.words()).toEqual([]);
    });
  });

  describe("when the files of a project are worse together", () => {
    it("says so on the file", async () => {
      const bench = start();
      bench.world.files = [
        assessment({ scope: "project", project: "/p", score: 2, band: "medium" }),
      ];
      bench.world.totals = [{ tool: "claude-code", project: "/p", score: 5, band: "high" }];
      await settled(bench.make());
      expect(bench.said[0]?.evidence).toMatchObject({ project_total: { score: 5, band: "high" } });
    });
  });
});
