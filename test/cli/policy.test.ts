import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAN_SWITCH_USER, complaint, host, NOBODY, type Host } from "./runner.ts";

const EXAMPLE = resolve(import.meta.dirname, "../../policies/examples/policy.example.yaml");
const TARGET = "targets:\n  - id: mine\n    tier: critical\n    paths: ['~/.mine']\n";

let here: Host;
beforeAll(() => void (here = host()));
afterAll(() => here.close());

describe("policy validate", () => {
  it("accepts the example as it is", async () => {
    const { code, stdout, stderr } = await here.sigil(["policy", "validate", EXAMPLE]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(
      `${EXAMPLE}: valid\n  1 target, 1 override, 0 settings; 1 place on this host\n`,
    );
  });

  it("tells programs what it would do", async () => {
    const file = here.write("p.yaml", `version: 1\n${TARGET}settings:\n  watch:\n    poll: true\n`);
    const { code, stdout } = await here.sigil(["policy", "validate", "p.yaml", "--json"]);
    expect(code).toBe(0);
    expect(file.endsWith("p.yaml")).toBe(true);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      file: "p.yaml",
      targets: 1,
      overrides: 0,
      settings: 1,
      roots: 1,
      skipped: [],
    });
  });

  it("remarks on a path that means nothing here", async () => {
    here.write("skip.yaml", `version: 1\n${TARGET.replace("~/.mine", "$NO_SUCH_VAR/x")}`);
    const { code, stdout, stderr } = await here.sigil(["policy", "validate", "skip.yaml"]);
    expect(code).toBe(0);
    expect(stdout).toContain("0 places on this host");
    expect(stderr).toContain("sigil: mine: $NO_SUCH_VAR/x means nothing here");
  });

  describe.each([
    ["an unknown key", "version: 1\ntargts: []\n", "SIGIL_POLICY_UNKNOWN_KEY", 2, 1, "targts"],
    [
      "an unknown key deep inside",
      "version: 1\nsettings:\n  watch:\n    pol: true\n",
      "SIGIL_POLICY_UNKNOWN_KEY",
      4,
      5,
      "settings.watch.pol",
    ],
    ["bad YAML", "version: 1\ntargets: [\n", "SIGIL_POLICY_SYNTAX", 3, 1, ""],
    ["no policy at all", "- 1\n", "SIGIL_POLICY_INVALID", 1, 1, ""],
    ["a value out of range", "version: 2\n", "SIGIL_POLICY_INVALID", 1, 1, "version"],
    [
      "a duplicate id",
      `version: 1\n${TARGET}${TARGET.replace("targets:\n", "")}`,
      "SIGIL_POLICY_DUPLICATE_ID",
      6,
      5,
      'target id "mine"',
    ],
    [
      "an id the built-in policy has",
      `version: 1\n${TARGET.replace("mine", "claude-code-user-settings")}`,
      "SIGIL_POLICY_DUPLICATE_ID",
      3,
      5,
      "by the baseline policy",
    ],
    [
      "an unknown override",
      "version: 1\noverrides:\n  - id: nobody-knows\n    disabled: true\n",
      "SIGIL_POLICY_UNKNOWN_OVERRIDE",
      3,
      5,
      '"nobody-knows"',
    ],
  ])("when the file has %s", (_what, text, code, line, column, about) => {
    it("names code, place and hint", async () => {
      here.write("bad.yaml", text);
      const outcome = await here.sigil(["policy", "validate", "bad.yaml"]);
      expect(outcome).toMatchObject({ code: 3, stdout: "" });
      const said = complaint(outcome);
      expect(said.code).toBe(code);
      expect(said.error).toMatch(new RegExp(`^bad\\.yaml:${line}:\\d+: `));
      expect(said.error).toContain(about);
      expect(said.hint).not.toBe("");
      const json = await here.sigil(["policy", "validate", "bad.yaml", "--json"]);
      expect(json.code).toBe(3);
      const { valid, error } = JSON.parse(json.stdout) as Record<string, unknown>;
      expect(valid).toBe(false);
      expect(error).toMatchObject({ code, line, column, hint: said.hint });
    });

    it("keeps the agent from starting", async () => {
      here.write("bad.yaml", text);
      const outcome = await here.sigil(["--policy", "bad.yaml", "run", "--duration", "5"]);
      expect(outcome).toMatchObject({ code: 3, stdout: "" });
      expect(complaint(outcome).code).toBe(code);
    });
  });

  it("says that there is no such file", async () => {
    const outcome = await here.sigil(["policy", "validate", "nowhere.yaml"]);
    expect(outcome.code).toBe(3);
    expect(complaint(outcome)).toMatchObject({
      code: "SIGIL_POLICY_UNREADABLE",
      error: "there is no policy file nowhere.yaml",
    });
  });

  it("reads no directory and follows no link", async () => {
    mkdirSync(here.at("dir.yaml"));
    symlinkSync(EXAMPLE, here.at("link.yaml"));
    const directory = await here.sigil(["policy", "validate", "dir.yaml"]);
    expect(directory.code).toBe(3);
    const link = await here.sigil(["policy", "validate", "link.yaml"]);
    expect(link.code).toBe(3);
    expect(complaint(link).hint).toContain("symbolic link");
  });
});

// Only root can become the user who may not read a file here; root itself may read all.
describe.runIf(CAN_SWITCH_USER)("a policy that may not be read", () => {
  it("is an error with the file's name, for validate and for run", async () => {
    const theirs = host(NOBODY);
    const file = theirs.write("p.yaml", "version: 1\n");
    chmodSync(file, 0o600);
    for (const args of [
      ["policy", "validate", file],
      ["--policy", file, "run", "--duration", "5"],
    ]) {
      const outcome = await theirs.sigil(args, { uid: NOBODY });
      expect(outcome).toMatchObject({ code: 3, stdout: "" });
      expect(complaint(outcome)).toMatchObject({
        code: "SIGIL_POLICY_UNREADABLE",
        error: `cannot read ${file}: EACCES`,
        hint: "check that the file exists and that this user may read it",
      });
    }
    await theirs.close();
  });
});
