import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type LayerName,
  LAYERS,
  mergeLayers,
  type PolicyLayer,
  settingsSchema,
} from "../../src/index.ts";
import { layer } from "./build.ts";

const id = fc.constantFrom("a", "b", "c", "d");
const tier = fc.constantFrom("critical", "standard");
const target = fc.record({ id, tier, paths: fc.constant(["/x"]), disabled: fc.boolean() });
const override = fc.record({ id, tier, disabled: fc.boolean() }, { requiredKeys: ["id"] });
const document = fc.record(
  {
    host_id_strategy: fc.constantFrom("machine_id", "hostname", "uuid"),
    targets: fc.array(target, { maxLength: 3 }),
    overrides: fc.array(override, { maxLength: 3 }),
    settings: fc.record(
      {
        sweep: fc.record(
          { interval_s: fc.integer({ min: 5, max: 9 }), max_depth: fc.integer({ min: 1, max: 9 }) },
          { requiredKeys: [] },
        ),
        watch: fc.record({ poll: fc.boolean() }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
    rubric: fc.record({ weights: fc.dictionary(fc.constantFrom("w", "v"), fc.nat(10)) }),
    workspaces: fc.array(fc.constantFrom("/w1", "/w2"), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const layers = (names: readonly LayerName[]) =>
  fc
    .tuple(...names.map((name) => fc.option(document.map((given) => layer(name, given)))))
    .map((list) => list.filter((one): one is PolicyLayer => one !== null));
type Nested = Record<string, Record<string, unknown>>;
const anyLayers = layers(LAYERS);
const rank = (name: LayerName) => LAYERS.indexOf(name);

describe("mergeLayers, for any layers", () => {
  it("gives settings that the schema takes as they are", () => {
    fc.assert(
      fc.property(anyLayers, (list) => {
        const { settings } = mergeLayers(list).policy;
        expect(settingsSchema.parse(settings)).toEqual(settings);
      }),
    );
  });
  it("keeps targets in layer order and each id once", () => {
    fc.assert(
      fc.property(anyLayers, (list) => {
        const { targets } = mergeLayers(list).policy;
        const ranks = targets.map((one) => rank(one.origin));
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
        expect(new Set(targets.map((one) => one.id)).size).toBe(targets.length);
      }),
    );
  });
  it("tells by each origin the layer that set the value, or the last of several", () => {
    fc.assert(
      fc.property(anyLayers, (list) => {
        const { policy } = mergeLayers(list);
        const by = (name: LayerName) => list.find((one) => one.name === name)?.document;
        for (const one of policy.targets) {
          expect(by(one.origin)?.targets.some((given) => given.id === one.id)).toBe(true);
          const set = (origin: LayerName, field: "tier" | "disabled") => {
            const overrides = by(origin)?.overrides.filter((given) => given.id === one.id) ?? [];
            const own = by(origin)?.targets.filter((given) => given.id === one.id) ?? [];
            return [...overrides, ...own].some((given) => given[field] === one[field]);
          };
          expect(set(one.tierOrigin, "tier")).toBe(true);
          expect(set(one.disabledOrigin, "disabled")).toBe(true);
          expect(rank(one.tierOrigin)).toBeGreaterThanOrEqual(rank(one.origin));
        }
        for (const [name, origin] of policy.settingOrigins) {
          const [group = "", key = ""] = name.split(".");
          const given = list.find((one) => one.name === origin)?.given as { settings: Nested };
          expect((policy.settings as Nested)[group]?.[key]).toBe(given.settings[group]?.[key]);
        }
        for (const [key, { value, origin }] of policy.rubricWeights) {
          expect(by(origin)?.rubric.weights[key]).toBe(value);
        }
      }),
    );
  });
  it("loses no value that any layer may set: what is not in force is a problem or was set over", () => {
    fc.assert(
      fc.property(anyLayers, (list) => {
        const { policy, problems } = mergeLayers(list);
        for (const one of list) {
          one.document.targets.forEach((given, index) => {
            const stands = policy.targets.some((e) => e.id === given.id && e.origin === one.name);
            const refused = problems.some(
              (problem) =>
                problem.layer === one.name && problem.path.join() === `targets,${index},id`,
            );
            expect(stands || refused).toBe(true);
          });
        }
        expect(policy.workspaces).toEqual(
          list.flatMap((one) =>
            one.document.workspaces.map((value) => ({ value, origin: one.name })),
          ),
        );
      }),
    );
  });
  it("adding an empty layer changes nothing", () => {
    fc.assert(
      fc.property(layers(["baseline", "signed"]), (list) => {
        expect(mergeLayers([...list, layer("local", {})])).toEqual(mergeLayers(list));
      }),
    );
  });
});

describe("mergeLayers, for anything this host sets over a signed layer", () => {
  const lower = fc
    .tuple(
      fc.option(document.map((given) => layer("baseline", given))),
      document.map((given) => layer("signed", given)),
    )
    .map(([baseline, signed]) => (baseline ? [baseline, signed] : [signed]));
  it("only raises", () => {
    fc.assert(
      fc.property(lower, layers(["local", "environment", "flag"]), (below, here) => {
        const before = mergeLayers(below).policy;
        const after = mergeLayers([...below, ...here]).policy;
        for (const one of before.targets) {
          const now = after.targets.find((other) => other.id === one.id);
          expect(now).toMatchObject({ paths: one.paths, exclude: one.exclude, origin: one.origin });
          if (one.tier === "critical") expect(now?.tier).toBe("critical");
          if (!one.disabled) expect(now?.disabled).toBe(false);
        }
        for (const [name, origin] of before.settingOrigins) {
          if (origin !== "signed") continue;
          const [group = "", key = ""] = name.split(".");
          const read = (settings: Nested) => settings[group]?.[key];
          expect(read(after.settings)).toBe(read(before.settings));
        }
        for (const [key, weight] of before.rubricWeights) {
          if (weight.origin === "signed") expect(after.rubricWeights.get(key)).toEqual(weight);
        }
        if (before.hostIdStrategy.origin === "signed")
          expect(after.hostIdStrategy).toEqual(before.hostIdStrategy);
      }),
    );
  });
});
