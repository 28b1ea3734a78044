import { chmodSync, mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAN_SWITCH_USER, complaint, host, NOBODY, type Host } from "./runner.ts";

const POLICY = `version: 1
overrides:
  - id: git-user-config
    disabled: true
targets:
  - id: mine
    tier: critical
    paths: ["~/.mine/**", "~/notes.txt", "$NO_SUCH_VAR/x"]
    recursive: true
settings:
  watch:
    max_shallow: 17
workspaces: ["~/code"]
`;

interface Root {
  readonly target_id: string;
  readonly path: string;
  readonly [name: string]: unknown;
}

let here: Host;
beforeAll(() => {
  here = host();
  here.write(".config/sigil/policy.yaml", POLICY);
  here.write(".claude/settings.json", "{}");
  here.write(".mine/deep/a", "a");
  here.write(".mine/b", "b");
});
afterAll(() => here.close());

describe("show config", () => {
  it("shows every effective value", async () => {
    const { code, stdout, stderr } = await here.sigil(["show", "config"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^ {2}mode +user$/m);
    expect(stdout).toMatch(/^ {2}watch\.max_shallow +17$/m);
    expect(stdout).toMatch(/^ {2}sweep\.interval_s +600$/m);
    expect(stdout).toMatch(/^ {2}git-user-config +disabled +any$/m);
    expect(stdout).toMatch(/^ {2}mine +critical +any$/m);
    expect(stdout).toContain("Workspaces:\n  0  ~/code\n");
  });

  it("says where each is from, to the line", async () => {
    const { stdout } = await here.sigil(["show", "config", "--origin"]);
    const file = here.at(".config/sigil/policy.yaml");
    const line = (name: string) =>
      stdout.split("\n").find((one) => one.trimStart().startsWith(`${name} `));
    expect(line("mode")).toMatch(/user +flag$/);
    expect(line("watch.poll")).toMatch(/false +default$/);
    expect(line("watch.max_shallow")).toMatch(new RegExp(`17 +local ${file}:12:5$`));
    expect(line("mine")).toMatch(new RegExp(`local ${file}:6:`));
    expect(line("git-user-config")).toMatch(/baseline, disabled by local$/);
  });

  it("is JSON on demand, always with origins", async () => {
    const { stdout } = await here.sigil(["show", "config", "--json"]);
    const shown = JSON.parse(stdout) as Record<string, Record<string, unknown>[]>;
    expect(shown["settings"]).toContainEqual({
      name: "watch.max_shallow",
      value: 17,
      origin: "local",
      place: `${here.at(".config/sigil/policy.yaml")}:12:5`,
    });
    expect(shown["general"]).toContainEqual({
      name: "events_dir",
      value: here.at(".local/state/sigil/events"),
      origin: "default",
      place: null,
    });
    expect(shown["targets"]?.find((one) => one["id"] === "git-user-config")).toMatchObject({
      origin: "baseline",
      disabled: true,
      disabled_origin: "local",
      tier_origin: "baseline",
    });
  });

  it("lets a flag win over the environment", async () => {
    const how = { env: { SIGIL_EVENTS_DIR: "/from-env", SIGIL_STATE_DB: "/env.db" } };
    const args = ["--events-dir", "/from-flag", "show", "config", "--json"];
    const { general } = JSON.parse((await here.sigil(args, how)).stdout) as Record<string, unknown>;
    expect(general).toContainEqual(
      expect.objectContaining({ name: "events_dir", value: "/from-flag", origin: "flag" }),
    );
    expect(general).toContainEqual(
      expect.objectContaining({ name: "state_db", value: "/env.db", origin: "environment" }),
    );
  });

  it("refuses a policy that is named and not there", async () => {
    const outcome = await here.sigil(["--policy", "/nowhere/p.yaml", "show", "config"]);
    expect(outcome).toMatchObject({ code: 3, stdout: "" });
    expect(complaint(outcome).error).toContain("/nowhere/p.yaml");
  });
});

describe("show paths", () => {
  it("shows what is present and counts the rest", async () => {
    const { code, stdout, stderr } = await here.sigil(["show", "paths"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^present +critical +directories +2 +mine +~\/\.mine\/\*\*$/m);
    expect(stdout).toMatch(/^present .* claude-code-user-settings +~\/\.claude\/settings\.json$/m);
    expect(stdout).not.toMatch(/^absent/m);
    expect(stdout).toMatch(/\d+ present, \d+ absent \(watched for\), .*--all shows everything\n$/);
  });

  it("shows everything with --all", async () => {
    const { stdout } = await here.sigil(["show", "paths", "--all"]);
    expect(stdout).toMatch(/^absent +critical +directories +- +mine +~\/notes\.txt$/m);
    expect(stdout).toMatch(
      /^skipped +mine +\$NO_SUCH_VAR\/x +a variable is not set: NO_SUCH_VAR$/m,
    );
    expect(stdout).toMatch(/^disabled +git-user-config$/m);
    expect(stdout).not.toContain("--all");
  });

  it("is JSON on demand", async () => {
    const { stdout } = await here.sigil(["show", "paths", "--json"]);
    const shown = JSON.parse(stdout) as { roots: Root[]; skipped: unknown[]; disabled: string[] };
    const mine = shown.roots.filter((root) => root.target_id === "mine");
    expect(mine).toHaveLength(2);
    expect(mine[0]).toMatchObject({
      path: here.at(".mine/**"),
      tier: "critical",
      state: "present",
      matches: 2,
      matches_complete: true,
      watched: "directories",
    });
    expect(mine[1]).toMatchObject({ path: here.at("notes.txt"), state: "absent", matches: 0 });
    expect(shown.skipped).toContainEqual({
      target_id: "mine",
      pattern: "$NO_SUCH_VAR/x",
      reason: "unset_variable",
      detail: "NO_SUCH_VAR",
    });
    expect(shown.disabled).toContain("git-user-config");
  });

  it("names the projects of a workspace once they are there", async () => {
    mkdirSync(here.at("code/app/.git"), { recursive: true });
    here.write("code/app/.mcp.json", "{}");
    const { stdout } = await here.sigil(["show", "paths", "--json"]);
    const shown = JSON.parse(stdout) as { roots: Root[]; projects: string[] };
    expect(shown.projects).toEqual([here.at("code/app")]);
    expect(shown.roots).toContainEqual(
      expect.objectContaining({ path: here.at("code/app/.mcp.json"), state: "present" }),
    );
  });

  it("says that polling finds the changes when the policy wants it", async () => {
    here.write("poll.yaml", POLICY.replace("max_shallow: 17", "poll: true"));
    const { stdout } = await here.sigil(["--policy", "poll.yaml", "show", "paths"]);
    expect(stdout).toMatch(/^present +critical +polling +2 +mine /m);
  });
});

// Only root can become the user who may not read a file here; root itself may read all.
describe.runIf(CAN_SWITCH_USER)("show paths as an ordinary user", () => {
  it("tells what cannot be read, and goes on", async () => {
    const theirs = host(NOBODY);
    theirs.write(
      "p.yaml",
      `version: 1
targets:
  - {id: mine, tier: critical, paths: ["~/secret", "~/closed/**", "~/closed/file", "~/open"]}
`,
    );
    chmodSync(theirs.write("secret", ""), 0);
    theirs.write("open", "");
    theirs.write("closed/file", "");
    chmodSync(theirs.at("closed"), 0);
    const args = ["--policy", "p.yaml", "show", "paths", "--json"];
    const { code, stdout } = await theirs.sigil(args, { uid: NOBODY });
    expect(code).toBe(0);
    const { roots } = JSON.parse(stdout) as { roots: Root[] };
    const denied = (name: string) => [{ path: theirs.at(name), error: "EACCES" }];
    expect(roots.filter((root) => root.target_id === "mine")).toMatchObject([
      { state: "present", unreadable: denied("secret") },
      { state: "unreadable", unreadable: denied("closed") },
      { state: "unreadable", unreadable: denied("closed/file") },
      { state: "present", unreadable: [] },
    ]);
    chmodSync(theirs.at("closed"), 0o700);
    await theirs.close();
  });
});

describe("show stats", () => {
  it("fails with a hint when there was never an agent", async () => {
    const outcome = await here.sigil(["show", "stats"]);
    expect(outcome).toMatchObject({ code: 4, stdout: "" });
    expect(complaint(outcome)).toMatchObject({ code: "SIGIL_CONTROL_UNREACHABLE" });
    expect(complaint(outcome).hint).toContain("`sigil run`");
  });
});
