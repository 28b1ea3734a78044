import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BASELINE, BASELINE_LAYER, BASELINE_REVISION } from "@sigil/baseline";
import { mergeLayers, policySchema, type PolicyLayer } from "@sigil/core";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { PLATFORMS, probe } from "./fixture.ts";

const EXAMPLE = join(import.meta.dirname, "../../../policies/examples/policy.example.yaml");

describe("BASELINE", () => {
  it("is what the schema makes of its own targets", () => {
    const { targets } = BASELINE;
    expect(BASELINE).toEqual(policySchema.parse({ version: 1, targets: structuredClone(targets) }));
  });

  it("gives each target an id of its own", () => {
    const ids = BASELINE.targets.map((target) => target.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("names targets in lower-case kebab", () => {
    const odd = BASELINE.targets.filter(({ id }) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id));
    expect(odd).toEqual([]);
  });

  it("describes each target in one line", () => {
    const odd = BASELINE.targets.filter(
      ({ description }) => !/^[^\n]{10,140}\.$/.test(description),
    );
    expect(odd.map(({ id }) => id)).toEqual([]);
  });

  it("lists no path twice", () => {
    const paths = BASELINE.targets.flatMap((target) =>
      target.paths.map((path) => `${target.platform} ${path}`),
    );
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });

  it("names a platform exactly where the id ends with one", () => {
    const odd = BASELINE.targets.filter(
      ({ id, platform }) => (/-(linux|macos|windows)$/.exec(id)?.[1] ?? "any") !== platform,
    );
    expect(odd.map(({ id }) => id)).toEqual([]);
  });

  it("disables nothing and keeps credentials out of the critical tier", () => {
    expect(BASELINE.targets.filter(({ disabled }) => disabled)).toEqual([]);
    const loud = BASELINE.targets.filter(
      ({ id, tier }) => /credentials|-keys$|^token-/.test(id) && tier === "critical",
    );
    expect(loud).toEqual([]);
  });

  it("has a revision of twelve hex digits", () => {
    expect(BASELINE_REVISION).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe("the example policy", async () => {
  const given: unknown = parse(await readFile(EXAMPLE, "utf8"));
  const local: PolicyLayer = { name: "local", document: policySchema.parse(given), given };
  const { policy, problems } = mergeLayers([BASELINE_LAYER, local]);
  const tierOf = (id: string) => policy.targets.find((target) => target.id === id)?.tier;

  it("stands on the baseline without a problem", () => {
    expect(problems).toEqual([]);
  });

  it("lowers the programs of macOS, which are critical by default", () => {
    expect(mergeLayers([BASELINE_LAYER]).policy.targets).toContainEqual(
      expect.objectContaining({ id: "shadow-ai-binaries-macos", tier: "critical" }),
    );
    expect(tierOf("shadow-ai-binaries-macos")).toBe("standard");
  });

  it.each(PLATFORMS)("adds its target on %s", (platform) => {
    const baseline = probe(platform, undefined, policy);
    expect(baseline.match("~/.config/example/mcp-allowlist.json")?.targetId).toBe(
      "team-mcp-allowlist",
    );
  });
});
