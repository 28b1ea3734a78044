import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, mergeLayers } from "../../src/index.ts";
import { layer } from "./build.ts";

const BASELINE = layer("baseline", {
  targets: [
    { id: "settings", tier: "critical", paths: ["~/s"] },
    { id: "docs", tier: "standard", paths: ["~/d"] },
  ],
});
const byId = (result: ReturnType<typeof mergeLayers>, id: string) =>
  result.policy.targets.find((target) => target.id === id);

describe("mergeLayers", () => {
  describe("when there is no layer", () => {
    it("has no target, the default settings and the default host id", () => {
      const { policy, problems } = mergeLayers([]);
      expect(problems).toEqual([]);
      expect(policy.targets).toEqual([]);
      expect(policy.settings).toEqual(DEFAULT_SETTINGS);
      expect(policy.hostIdStrategy).toEqual({ value: "machine_id", origin: "default" });
    });
  });

  describe("when an override names a target below it", () => {
    it("changes what it names, and the origin of that alone", () => {
      const local = layer("local", { overrides: [{ id: "docs", tier: "critical" }] });
      expect(byId(mergeLayers([BASELINE, local]), "docs")).toMatchObject({
        tier: "critical",
        origin: "baseline",
        tierOrigin: "local",
        disabled: false,
        disabledOrigin: "baseline",
      });
    });
    it("may lower and disable while no layer is signed", () => {
      const local = layer("local", {
        overrides: [{ id: "settings", tier: "standard", disabled: true }],
      });
      const result = mergeLayers([BASELINE, local]);
      expect(result.problems).toEqual([]);
      expect(byId(result, "settings")).toMatchObject({ tier: "standard", disabled: true });
    });
    it("may name a target of another platform", () => {
      const mac = layer("baseline", {
        targets: [{ id: "m", tier: "critical", platform: "macos", paths: ["~/x"] }],
      });
      const local = layer("local", { overrides: [{ id: "m", tier: "standard" }] });
      expect(mergeLayers([mac, local]).problems).toEqual([]);
    });
  });

  describe("when an override names no target", () => {
    it("says so with its place, and goes on", () => {
      const local = layer("local", {
        overrides: [
          { id: "docs", tier: "critical" },
          { id: "nope", disabled: true },
        ],
      });
      const result = mergeLayers([BASELINE, local]);
      expect(result.problems).toEqual([
        {
          kind: "unknown_override",
          layer: "local",
          path: ["overrides", 1, "id"],
          message: 'no target has the id "nope"',
        },
      ]);
      expect(byId(result, "docs")?.tier).toBe("critical");
    });
  });

  describe("when an id is defined twice", () => {
    it("keeps the first and says where the second stands", () => {
      const local = layer("local", {
        targets: [
          { id: "new", tier: "standard", paths: ["~/n"] },
          { id: "settings", tier: "standard", paths: ["~/elsewhere"], disabled: true },
          { id: "new", tier: "critical", paths: ["~/n2"] },
        ],
      });
      const result = mergeLayers([BASELINE, local]);
      expect(result.problems.map(({ kind, path }) => ({ kind, path }))).toEqual([
        { kind: "duplicate_id", path: ["targets", 1, "id"] },
        { kind: "duplicate_id", path: ["targets", 2, "id"] },
      ]);
      expect(result.problems[0]?.message).toContain("by the baseline policy");
      expect(result.problems[1]?.message).toContain("twice in this policy");
      expect(byId(result, "settings")).toMatchObject({ tier: "critical", paths: ["~/s"] });
    });
  });

  describe("when a layer is signed", () => {
    const signed = layer("signed", {
      host_id_strategy: "uuid",
      targets: [{ id: "fleet", tier: "standard", paths: ["~/f"] }],
      settings: { sweep: { interval_s: 60 } },
      rubric: { weights: { hook: 4 } },
    });
    it("lets the local one add targets, raise tiers and set what is not set", () => {
      const local = layer("local", {
        targets: [{ id: "mine", tier: "standard", paths: ["~/m"] }],
        overrides: [
          { id: "fleet", tier: "critical" },
          { id: "docs", tier: "critical" },
        ],
        settings: { sweep: { max_depth: 5 } },
        rubric: { weights: { matcher: 1 } },
      });
      const result = mergeLayers([BASELINE, signed, local]);
      expect(result.problems).toEqual([]);
      expect(byId(result, "fleet")?.tier).toBe("critical");
      expect(result.policy.targets.map(({ id }) => id)).toEqual([
        "settings",
        "docs",
        "fleet",
        "mine",
      ]);
      expect(result.policy.settings.sweep).toMatchObject({ interval_s: 60, max_depth: 5 });
      expect(result.policy.rubricWeights.get("matcher")).toEqual({ value: 1, origin: "local" });
    });
    it.each([
      ["disables", { id: "fleet", disabled: true }],
      ["disables a baseline target", { id: "docs", disabled: true }],
      ["lowers", { id: "settings", tier: "standard" }],
      ["raises and disables at once", { id: "docs", tier: "critical", disabled: true }],
    ])("holds against a local override that %s", (_what, override) => {
      const result = mergeLayers([BASELINE, signed, layer("local", { overrides: [override] })]);
      expect(result.problems).toMatchObject([
        { kind: "locked", layer: "local", path: ["overrides", 0, "id"] },
      ]);
      expect(result.policy.targets).toEqual(mergeLayers([BASELINE, signed]).policy.targets);
    });
    it.each(["local", "environment", "flag"] as const)(
      "holds against values the %s layer sets over it, and says so",
      (name) => {
        const here = layer(name, {
          host_id_strategy: { static: "other" },
          settings: { sweep: { interval_s: 604_800 } },
          rubric: { weights: { hook: 0 } },
        });
        const result = mergeLayers([BASELINE, signed, here]);
        expect(result.problems.map(({ kind, path }) => ({ kind, path }))).toEqual(
          expect.arrayContaining([
            { kind: "locked", path: ["settings", "sweep", "interval_s"] },
            { kind: "locked", path: ["host_id_strategy"] },
            { kind: "locked", path: ["rubric", "weights", "hook"] },
          ]),
        );
        expect(result.policy.settings.sweep.interval_s).toBe(60);
        expect(result.policy.hostIdStrategy).toEqual({ value: "uuid", origin: "signed" });
        expect(result.policy.rubricWeights.get("hook")).toEqual({ value: 4, origin: "signed" });
      },
    );
    it("may itself lower and disable what the baseline says", () => {
      const strict = layer("signed", { overrides: [{ id: "settings", disabled: true }] });
      const result = mergeLayers([BASELINE, strict]);
      expect(result.problems).toEqual([]);
      expect(byId(result, "settings")).toMatchObject({ disabled: true, disabledOrigin: "signed" });
    });
  });

  describe("when layers set settings", () => {
    it("lets the later win and names the origin only of what was given", () => {
      const first = layer("baseline", { settings: { sweep: { interval_s: 60, max_depth: 5 } } });
      const flags = layer("flag", {
        settings: { sweep: { interval_s: 30 }, watch: { poll: true } },
      });
      const { policy } = mergeLayers([first, flags]);
      expect(policy.settings.sweep).toMatchObject({ interval_s: 30, max_depth: 5 });
      expect(policy.settings.watch.poll).toBe(true);
      expect([...policy.settingOrigins]).toEqual([
        ["sweep.interval_s", "flag"],
        ["sweep.max_depth", "baseline"],
        ["watch.poll", "flag"],
      ]);
    });
    it("does not let a key named __proto__ reach other objects", () => {
      const hostile = JSON.parse('{"settings":{"__proto__":{"polluted":1}}}') as object;
      const given = { ...layer("local", {}), given: hostile };
      try {
        mergeLayers([given]);
      } catch {
        // Refusing it is as good.
      }
      const probe: Record<string, unknown> = {};
      const polluted = probe["polluted"];
      delete (Object.prototype as Record<string, unknown>)["polluted"];
      expect(polluted).toBeUndefined();
    });
  });

  it("collects lists from every layer with their origin", () => {
    const signed = layer("signed", { workspaces: ["~/a"], known_hosts: ["h"] });
    const local = layer("local", { workspaces: ["~/b"] });
    const { policy } = mergeLayers([signed, local]);
    expect(policy.workspaces).toEqual([
      { value: "~/a", origin: "signed" },
      { value: "~/b", origin: "local" },
    ]);
    expect(policy.knownHosts).toEqual([{ value: "h", origin: "signed" }]);
    expect(policy.accepted).toEqual([]);
  });
});
