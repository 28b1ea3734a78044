import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAN_SWITCH_USER, host, NOBODY, type Host, type Outcome } from "./runner.ts";

interface Check {
  readonly id: string;
  readonly status: string;
  readonly title: string;
  readonly detail: string;
  readonly hint?: string;
}

function checksOf(outcome: Outcome): Check[] {
  return (JSON.parse(outcome.stdout) as { checks: Check[] }).checks;
}

const IDS = [
  "policy",
  "signed-policy",
  "paths",
  "modes",
  "watch-limits",
  "filesystem",
  "disk",
  "spool",
  "state",
  "last-sweep",
  "clock",
  "agent",
  "service",
  "hasher",
  "node",
];

let here: Host;
beforeAll(() => {
  here = host();
  here.write(".claude/settings.json", "{}");
});
afterAll(() => here.close());

describe("doctor", () => {
  it("finds nothing wrong where there is nothing yet, and makes nothing", async () => {
    const before = readdirSync(here.path);
    const outcome = await here.sigil(["doctor", "--json"]);
    expect(outcome.stderr).toBe("");
    const checks = checksOf(outcome);
    expect([...new Set(checks.map((check) => check.id))]).toEqual(IDS);
    const mine = checks.filter((check) => !["disk", "clock", "service"].includes(check.id));
    expect(mine.filter((check) => check.status === "warning" || check.status === "error")).toEqual(
      [],
    );
    expect(readdirSync(here.path)).toEqual(before);
  });

  it("prints aligned lines without color where there is no terminal", async () => {
    const { stdout } = await here.sigil(["doctor"]);
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toMatch(/^ok {7}Policy {10}built-in only; \d+ targets for this system/m);
    expect(stdout).toMatch(/^info {5}Agent {11}not running/m);
    expect(stdout).toMatch(/\n\n\d+ ok, \d+ for information, \d+ warnings?, \d+ errors?\n$/);
  });

  it("sees a running agent", async () => {
    const agent = await here.agent();
    const checks = checksOf(await here.sigil(["doctor", "--json"]));
    const of = (id: string) => checks.find((check) => check.id === id);
    expect(of("agent")).toMatchObject({ status: "ok" });
    expect(of("agent")?.detail).toContain(`pid ${agent.child.pid}`);
    expect(of("spool")).toMatchObject({ status: "ok" });
    expect(of("state")).toMatchObject({ status: "ok" });
    expect(of("last-sweep")).toMatchObject({ status: "ok" });
    await agent.stop();
  });

  it("waits for an agent that is slow to answer", async () => {
    const other = host();
    const path = other.at(".local/state/sigil/control.sock");
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    const slow = createServer((socket) => {
      socket.once("data", () =>
        setTimeout(
          () => socket.end('{"ok":false,"code":"SIGIL_SLOW","message":"late","hint":null}\n'),
          600,
        ),
      );
    });
    slow.listen(path);
    await once(slow, "listening");
    const checks = checksOf(await other.sigil(["doctor", "--json"]));
    slow.close();
    await other.close();
    expect(checks.find((check) => check.id === "agent")?.detail).toContain("late");
  });

  it("does not wait without end for an agent that hangs", async () => {
    const agent = await here.agent();
    agent.child.kill("SIGSTOP");
    const checks = checksOf(await here.sigil(["doctor", "--json"]));
    expect(checks.find((check) => check.id === "agent")).toMatchObject({
      status: "error",
      detail: expect.stringContaining("does not answer"),
    });
    agent.child.kill("SIGCONT");
    await agent.stop();
  });

  it("tells of modes that are too open, and leaves them", async () => {
    const spool = here.at(".local/state/sigil/events");
    const state = here.at(".local/state/sigil/state.db");
    chmodSync(spool, 0o755);
    chmodSync(state, 0o644);
    const outcome = await here.sigil(["doctor", "--json"]);
    expect(outcome.code).toBe(1);
    const modes = checksOf(outcome).filter((check) => check.id === "modes");
    expect(modes.map(({ status, detail }) => [status, detail])).toEqual([
      ["warning", `${spool} has mode 0755, expected 0750 or stricter`],
      ["warning", `${state} has mode 0644, expected 0600 or stricter`],
    ]);
    expect(statSync(spool).mode & 0o777).toBe(0o755);
    chmodSync(spool, 0o750);
    chmodSync(state, 0o600);
  });

  it("tells of a damaged state database", async () => {
    const args = [
      "--state-db",
      here.write("garbage.db", "not a database, just some text"),
      "doctor",
    ];
    const { code, stdout } = await here.sigil(args);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^error +State database .*garbage\.db: file is not a database/m);
    expect(stdout).toContain("hint: the next start sets it aside and begins anew");
  });

  it("tells of a link in the place of a file of its own", async () => {
    const elsewhere = host();
    elsewhere.mkdir(".config/sigil");
    elsewhere.mkdir(".local/state/sigil/real");
    symlinkSync(elsewhere.at(".local/state/sigil/real"), elsewhere.at(".local/state/sigil/events"));
    chmodSync(elsewhere.at(".local/state/sigil"), 0o750);
    const checks = checksOf(await elsewhere.sigil(["doctor", "--json"]));
    expect(checks.filter((check) => check.status === "error").map((check) => check.id)).toEqual([
      "modes",
      "spool",
    ]);
    await elsewhere.close();
  });
});

describe("doctor with an invalid policy", () => {
  it("names the place, and still looks at the rest", async () => {
    const file = here.write("bad.yaml", "version: 1\ntargts: []\n");
    const outcome = await here.sigil(["--policy", file, "doctor", "--json"]);
    expect(outcome.code).toBe(2);
    const checks = checksOf(outcome);
    expect(checks.find((check) => check.id === "policy")).toEqual({
      id: "policy",
      status: "error",
      title: "Policy",
      detail: `${file}:2:1: unknown key "targts" [SIGIL_POLICY_UNKNOWN_KEY]`,
      hint: "check the spelling; the keys are listed in docs/reference/policy.md",
    });
    expect(checks.find((check) => check.id === "paths")).toMatchObject({ status: "info" });
    expect(checks.filter((check) => check.status === "error")).toHaveLength(1);
  });
});

// Only root can become the user who may not read a file here; root itself may read all.
describe.runIf(CAN_SWITCH_USER)("doctor as an ordinary user", () => {
  it("tells what cannot be read", async () => {
    const theirs = host(NOBODY);
    const file = theirs.write(".claude/settings.json", "{}");
    chmodSync(file, 0o600);
    const outcome = await theirs.sigil(["doctor", "--json"], { uid: NOBODY });
    expect(outcome.code).toBe(1);
    const paths = checksOf(outcome).filter((check) => check.id === "paths");
    expect(paths).toContainEqual(
      expect.objectContaining({
        status: "warning",
        detail: expect.stringContaining(`${file} (EACCES)`),
      }),
    );
    await theirs.close();
  });

  it("tells of a state directory of another user", async () => {
    const theirs = host(NOBODY);
    const dir = theirs.mkdir(".local/state/sigil");
    chmodSync(dir, 0o750);
    chownSync(dir, NOBODY - 1, NOBODY);
    const outcome = await theirs.sigil(["doctor", "--json"], { uid: NOBODY });
    expect(outcome.code).toBe(2);
    expect(checksOf(outcome)).toContainEqual(
      expect.objectContaining({
        id: "modes",
        status: "error",
        detail: `${dir} belongs to uid ${NOBODY - 1}, not to root or uid ${NOBODY}`,
      }),
    );
    await theirs.close();
  });
});
