import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BASELINE, BASELINE_REVISION } from "@sigil/baseline";
import { tempDir, type TempDir } from "@sigil/testkit";
import { combine, loadLocal } from "../../src/policy/effective.ts";
import { parsePolicy } from "../../src/policy/load.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

const [builtIn] = BASELINE.targets;

/** The local file over the built-in policy. */
function loadEffective(file: string, required: boolean) {
  const local = loadLocal(file, required);
  return combine(local, local && file);
}

describe("a local policy file", () => {
  describe("when there is no file", () => {
    it("is the built-in policy alone", () => {
      expect(loadEffective(dir.at("p.yaml"), false)).toMatchObject({
        version: `baseline:${BASELINE_REVISION}`,
        layers: ["baseline"],
        file: null,
      });
    });

    it("fails when the file was asked for", () => {
      expect(() => loadEffective(dir.at("p.yaml"), true)).toThrow(
        expect.objectContaining({ code: "SIGIL_POLICY_UNREADABLE" }),
      );
    });
  });

  describe("when there is a file", () => {
    const text = `version: 1
overrides:
  - id: ${builtIn?.id}
    disabled: true
targets:
  - {id: mine, tier: standard, paths: [/mine]}
`;

    it("lies over the built-in policy, and its digest is in the version", () => {
      const file = dir.write("p.yaml", text);
      const { policy, version, layers, file: from } = loadEffective(file, true);
      expect(policy.targets.at(-1)).toMatchObject({ id: "mine", origin: "local" });
      expect(policy.targets.find(({ id }) => id === builtIn?.id)).toMatchObject({
        disabled: true,
        disabledOrigin: "local",
      });
      expect(layers).toEqual(["baseline", "local"]);
      expect(from).toBe(file);
      expect(version).toMatch(new RegExp(`^baseline:${BASELINE_REVISION}\\+local:[0-9a-f]{12}$`));
      dir.write("p.yaml", `${text}# a comment\n`);
      expect(loadEffective(file, true).version).not.toBe(version);
    });
  });

  describe("when it does not stand on the built-in policy", () => {
    it("names the place of a weight the rubric does not have, and those it has", () => {
      const text = "version: 1\nrubric:\n  weights:\n    broad_matcher.pre: 1\n";
      expect(() => combine(parsePolicy(text, "p.yaml"), "p.yaml")).toThrow(
        expect.objectContaining({
          code: "SIGIL_POLICY_UNKNOWN_KEY",
          message: expect.stringMatching(/^p\.yaml:4:\d+: the rubric has no weight/),
          hint: expect.stringContaining("broad_matcher"),
        }) as Error,
      );
    });
    it("names the place of an accepted kind there is none of", () => {
      const hash = `blake3:${"0".repeat(64)}`;
      const text = `version: 1\naccepted:\n  - path: /a\n    closure_hash: "${hash}"\n    kinds: [no_sandbox, nothing]\n    until: 2027-01-01\n    why: x\n`;
      expect(() => combine(parsePolicy(text, "p.yaml"), "p.yaml")).toThrow(
        expect.objectContaining({
          code: "SIGIL_POLICY_INVALID",
          message: expect.stringMatching(/^p\.yaml:5:\d+: the rubric has no kind "nothing"/),
        }) as Error,
      );
    });
    it("names the place of an override of nothing", () => {
      const file = dir.write(
        "p.yaml",
        "version: 1\noverrides:\n  - tier: standard\n    id: nothing\n",
      );
      expect(() => loadEffective(file, true)).toThrow(
        expect.objectContaining({
          code: "SIGIL_POLICY_UNKNOWN_OVERRIDE",
          message: `${file}:4:5: no target has the id "nothing"`,
        }),
      );
    });

    it("names the place of an id that is taken, by it or by itself", () => {
      const target = (id: string) => `  - {tier: standard, id: ${id}, paths: [/x]}\n`;
      const taken = dir.write("a.yaml", `version: 1\ntargets:\n${target(builtIn?.id ?? "")}`);
      expect(() => loadEffective(taken, true)).toThrow(
        expect.objectContaining({
          code: "SIGIL_POLICY_DUPLICATE_ID",
          message: expect.stringContaining(`${taken}:3:22: `) as string,
        }),
      );
      const twice = dir.write(
        "b.yaml",
        `version: 1\ntargets:\n${target("x")}${target("x")}${target("x")}`,
      );
      expect(() => loadEffective(twice, true)).toThrow(
        expect.objectContaining({
          code: "SIGIL_POLICY_DUPLICATE_ID",
          message: `${twice}:4:22: target id "x" is already defined twice in this policy (and 1 more)`,
        }),
      );
    });
  });
});
