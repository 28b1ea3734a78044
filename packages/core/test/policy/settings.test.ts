import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, settingsSchema } from "../../src/index.ts";

const groups = Object.entries(settingsSchema.unwrap().shape);

describe("settingsSchema", () => {
  describe("when nothing is given", () => {
    it("gives the intervals of the issue", () => {
      expect(DEFAULT_SETTINGS.settle).toMatchObject({
        critical_debounce_ms: 40,
        standard_debounce_ms: 100,
        critical_max_wait_ms: 250,
        standard_max_wait_ms: 2000,
      });
      expect(DEFAULT_SETTINGS.hash.max_bytes).toBe(10 * 1024 * 1024);
      expect(DEFAULT_SETTINGS.sweep.interval_s).toBe(600);
      expect(DEFAULT_SETTINGS.rate.fold_max_ms).toBe(60_000);
      expect(DEFAULT_SETTINGS.health).toMatchObject({ canary_timeout_ms: 5000, stall_ms: 2000 });
    });
    it("is what is embedded, so that a start needs no schema", () => {
      expect(DEFAULT_SETTINGS).toEqual(settingsSchema.parse({}));
    });
    it("is the same for a group that is there and empty", () => {
      const empty = Object.fromEntries(groups.map(([name]) => [name, {}]));
      expect(settingsSchema.parse(empty)).toEqual(DEFAULT_SETTINGS);
      expect(settingsSchema.parse(undefined)).toEqual(DEFAULT_SETTINGS);
    });
  });
  describe("when a key is unknown", () => {
    it.each(["", ...groups.map(([name]) => name)])("names it in group '%s'", (group) => {
      const given = group === "" ? { no_such_key: 1 } : { [group]: { no_such_key: 1 } };
      const issue = settingsSchema.safeParse(given).error?.issues[0];
      expect(issue).toMatchObject({ code: "unrecognized_keys", keys: ["no_such_key"] });
      expect(issue?.path).toEqual(group === "" ? [] : [group]);
    });
  });
  describe("when a number is out of its range or not whole", () => {
    it.each([0, -1, 1.5, 60_001, "40", null, Number.NaN])("refuses %o", (value) => {
      const given = { settle: { critical_debounce_ms: value } };
      expect(settingsSchema.safeParse(given).error?.issues[0]?.path).toEqual([
        "settle",
        "critical_debounce_ms",
      ]);
    });
  });
  it("describes every field and gives it a default within its own range", () => {
    for (const [name, group] of groups) {
      for (const [key, field] of Object.entries(group.unwrap().shape)) {
        expect(field.meta()?.description, `${name}.${key}`).toBeTruthy();
        expect(field.parse(undefined), `${name}.${key}`).toBeDefined();
      }
    }
  });
});
