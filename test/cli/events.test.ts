import { appendFileSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "@sigil/testkit";
import { complaint, host, jsonLines, type Agent, type Host } from "./runner.ts";

let here: Host;
let agent: Agent;
beforeAll(async () => {
  here = host();
  here.write(".claude/settings.json", "{}");
  agent = await here.agent();
  here.write(".claude/settings.json", '{"permissions":{"deny":["Read(./.env)"]}}');
  await eventually(async () => {
    const { stdout } = await here.sigil(["show", "events", "--severity", "warn"]);
    return stdout.includes("modified");
  });
});
afterAll(() => here.close());

const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}(?:info|warn|high|critical) +\S/;

async function pick(...flags: string[]): Promise<Record<string, unknown>[]> {
  const args = ["show", "events", "--json", "-n", "1000", ...flags];
  return jsonLines((await here.sigil(args)).stdout);
}

describe("show events", () => {
  it("shows the last ones as readable lines, beside a running agent", async () => {
    const { code, stdout, stderr } = await here.sigil(["show", "events"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(20);
    for (const line of lines) expect(line).toMatch(LINE);
    expect(lines.findLast((line) => line.includes("warn"))).toMatch(
      // On a busy machine the writing may have been two bursts.
      /warn +modified(?: \(coalesced\))? +~\/\.claude\/settings\.json +\[claude-code-user-/,
    );
  });

  it("shows as many as wanted, as they are spooled", async () => {
    const shown = await here.sigil(["show", "events", "-n", "3", "--json"]);
    const exported = await here.sigil(["spool", "export"]);
    const tail = exported.stdout.split("\n").slice(-4).join("\n");
    expect(shown.stdout).toBe(tail);
  });

  it("picks by severity, target and kind", async () => {
    const severe = await pick("--severity", "warn");
    expect(severe.map((event) => event["severity"])).toEqual(["warn"]);
    const targeted = await pick("--target", "claude-code-user-settings");
    const about = targeted.map((event) => (event["evidence"] as { kind: string }).kind);
    expect(about.filter((kind) => kind !== "ai_guard_risk_assessed")).toEqual([
      "file_change",
      "baseline_completed",
      "file_change",
    ]);
    // At first sight, and beside the change.
    expect(about.length).toBeGreaterThanOrEqual(4);
    const kinds = await pick("--kind", "policy_applied");
    expect(kinds).toHaveLength(1);
    expect(await pick("--kind", "file_change", "--target", "shell-user-startup")).toEqual([]);
  });

  it("goes back in time", async () => {
    const since = async (when: string) =>
      jsonLines((await here.sigil(["show", "events", "--json", "--since", when])).stdout);
    const all = jsonLines((await here.sigil(["spool", "export"])).stdout);
    expect(await since("1h")).toEqual(all);
    const second = all[1]?.["ts"] as string;
    expect((await since(second))[0]?.["ts"]).toBe(second);
    expect(await since("2999-01-01")).toEqual([]);
  });

  it("says so when nothing fits", async () => {
    const outcome = await here.sigil(["show", "events", "--target", "nobody"]);
    expect(outcome).toMatchObject({ code: 0, stdout: "", stderr: "sigil: no such events\n" });
  });

  it("follows until it is interrupted", async () => {
    const started = here.start(["show", "events", "-f", "-n", "1", "--json"]);
    await eventually(() => jsonLines(started.stdout()).length === 1);
    // No guard file: an assessment would follow its change.
    here.write(".bashrc", "alias a");
    await eventually(() => jsonLines(started.stdout()).length === 2);
    started.child.kill("SIGINT");
    const { code, stdout } = await started.ended;
    expect(code).toBe(130);
    expect(jsonLines(stdout)[1]?.["evidence"]).toMatchObject({
      change_kind: "created",
      size_after: 7,
    });
  });

  it("follows only what is wanted", async () => {
    const args = ["show", "events", "-f", "-n", "1", "--kind", "policy_applied", "--json"];
    const started = here.start(args);
    await eventually(() => jsonLines(started.stdout()).length === 1);
    here.write(".bashrc", "alias b=c");
    expect((await here.sigil(["reload"])).code).toBe(0);
    await eventually(() => jsonLines(started.stdout()).length === 2);
    started.child.kill("SIGINT");
    const { stdout } = await started.ended;
    for (const event of jsonLines(stdout))
      expect(event["evidence"]).toMatchObject({ kind: "policy_applied" });
  });

  it("ends quietly when its reader goes away", async () => {
    const started = here.start(["show", "events", "-f", "--json"]);
    await eventually(() => started.stdout() !== "");
    started.child.stdout?.destroy();
    here.write(".claude/settings.json", '{"a":4444}');
    expect(await started.ended).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("show stats", () => {
  it("shows what the running agent says", async () => {
    const { code, stdout, stderr } = await here.sigil(["show", "stats"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^agent +running, pid ${agent.child.pid}$`, "m"));
    expect(stdout).toMatch(/^ {2}file_change +\d+$/m);
  });

  it("is JSON on demand", async () => {
    const { stdout } = await here.sigil(["show", "stats", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      source: "agent",
      age_s: 0,
      status: { pid: agent.child.pid, mode: "user", polling: false },
    });
  });
});

describe("reload", () => {
  it("prints the policy that is in force", async () => {
    const outcome = await here.sigil(["reload"]);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.stdout).toMatch(/^policy baseline:[0-9a-f]{12} is in force\n$/);
    const json = await here.sigil(["reload", "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({
      policy_version: outcome.stdout.split(" ")[1],
    });
  });

  it("tells why the agent keeps the old policy", async () => {
    const file = here.write(".config/sigil/policy.yaml", "version: 1\ntargts: []\n");
    const outcome = await here.sigil(["reload"]);
    expect(outcome).toMatchObject({ code: 3, stdout: "" });
    expect(complaint(outcome)).toEqual({
      code: "SIGIL_POLICY_UNKNOWN_KEY",
      error: `${file}:2:1: unknown key "targts"`,
      hint: "check the spelling; the keys are listed in docs/reference/policy.md",
    });
    const { stdout } = await here.sigil(["show", "stats", "--json"]);
    const { status } = JSON.parse(stdout) as { status: { conditions: { code: string }[] } };
    expect(status.conditions.map((one) => one.code)).toContain("policy-rejected");
    const doctor = await here.sigil(["doctor"]);
    expect(doctor.code).toBe(2);
    expect(doctor.stdout).toMatch(/^error +Agent +The policy file is not valid.*policy-rejected/m);
    here.write(".config/sigil/policy.yaml", "version: 1\n");
    expect((await here.sigil(["reload"])).code).toBe(0);
  });
});

describe("a second agent on the same spool", () => {
  it("is refused with a hint, and the first goes on", async () => {
    const outcome = await here.sigil(["run", "--duration", "5"]);
    expect(outcome).toMatchObject({ code: 4, stdout: "" });
    expect(complaint(outcome)).toMatchObject({ code: "SIGIL_AGENT_RUNNING" });
    expect(complaint(outcome).hint).toContain("--events-dir");
    expect((await here.sigil(["show", "stats"])).code).toBe(0);
  });

  it("keeps the spool from being repaired, not from being verified", async () => {
    const repair = await here.sigil(["spool", "repair"]);
    expect(repair).toMatchObject({ code: 4, stdout: "" });
    expect(complaint(repair)).toMatchObject({
      code: "SIGIL_AGENT_RUNNING",
      hint: "stop the agent first; `sigil spool verify` may run beside it",
    });
    expect((await here.sigil(["spool", "repair", "--dry-run"])).code).toBe(4);
    expect((await here.sigil(["spool", "verify"])).code).toBe(0);
  });
});

describe("when the agent has ended", () => {
  it("stats are of its last heartbeat, and say so", async () => {
    expect((await agent.stop()).code).toBe(0);
    const outcome = await here.sigil(["show", "stats"]);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toMatch(
      /^sigil: no agent runs; this is its last heartbeat, \d+ s old\n$/,
    );
    expect(outcome.stdout).toMatch(/^agent +not running$/m);
    const json = await here.sigil(["show", "stats", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      source: "last_heartbeat",
      status: { pid: agent.child.pid },
    });
  });

  it("reload fails with a hint", async () => {
    const outcome = await here.sigil(["reload"]);
    expect(outcome).toMatchObject({ code: 4, stdout: "" });
    expect(complaint(outcome).code).toBe("SIGIL_CONTROL_UNREACHABLE");
    expect(complaint(outcome).hint).toContain("`sigil run`");
  });

  it("its events are still shown, up to a damaged one", async () => {
    const dir = here.at(".local/state/sigil/events");
    const before = await here.sigil(["show", "events", "-n", "2", "--json"]);
    const segment = readdirSync(dir).find((name) => name.endsWith(".jsonl")) ?? "";
    appendFileSync(`${dir}/${segment}`, "garbage that was never acknowledged\n");
    expect(await here.sigil(["show", "events", "-n", "2", "--json"])).toEqual(before);
  });
});

describe("show events without a spool", () => {
  it("is fine", async () => {
    const empty = host();
    const outcome = await empty.sigil(["show", "events"]);
    expect(outcome).toMatchObject({ code: 0, stdout: "", stderr: "sigil: no events yet\n" });
    await empty.close();
  });

  it("can be followed until there is one", async () => {
    const fresh = host();
    const started = fresh.start(["show", "events", "-f", "--json"]);
    await eventually(() => started.stderr().includes("no events yet"));
    await fresh.agent();
    await eventually(() => jsonLines(started.stdout()).length > 0);
    started.child.kill("SIGINT");
    expect((await started.ended).code).toBe(130);
    await fresh.close();
  });
});
