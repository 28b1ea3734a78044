import { chmodSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, type Settings } from "@sigil/core";
import type { CommandOutcome, FileReader, RunCommand } from "@sigil/host";
import { tempDir, type TempDir } from "@sigil/testkit";
import { resolveConfig } from "../../src/config.ts";
import { agentCheck } from "../../src/doctor/agent.ts";
import type { Check, Finding } from "@sigil/cli/doctor";
import { clockCheck } from "../../src/doctor/clock.ts";
import { diskCheck } from "../../src/doctor/disk.ts";
import { gatherFacts, type Facts } from "../../src/doctor/facts.ts";
import { hasherCheck } from "../../src/doctor/hasher.ts";
import { loaded, look } from "../../src/doctor/node.ts";
import { serviceCheck } from "../../src/doctor/service.ts";
import { stateCheck } from "../../src/doctor/state.ts";
import { sweepCheck } from "../../src/doctor/sweep.ts";
import { watchesCheck } from "../../src/doctor/watches.ts";
import type { AgentStatus } from "../../src/health/status.ts";
import { openState } from "../../src/state/database.ts";
import { openStore } from "../../src/state/store.ts";
import { VERSION } from "../../src/version.ts";

const NOW = 1_700_000_000_000;
const STATUS = {
  version: VERSION,
  pid: 7,
  uptime_s: 61,
  conditions: [],
} as unknown as AgentStatus;

let dir: TempDir;
let base: Facts;
beforeEach(() => {
  dir = tempDir();
  const config = resolveConfig({ mode: "user" }, { HOME: dir.path });
  base = { ...gatherFacts(config, false), now: () => NOW };
});
afterEach(() => dir.remove());

async function findings(check: Check<Facts>, facts: Facts): Promise<readonly Finding[]> {
  return [await check.run(facts)].flat();
}

const saying = (stdout: string, code = 0): RunCommand => {
  const outcome: CommandOutcome = { kind: "exited", code, stdout, stderr: "" };
  return () => Promise.resolve(outcome);
};

const withSettings = (change: Partial<Settings>): Facts => ({
  ...base,
  settings: () => Promise.resolve({ ...DEFAULT_SETTINGS, ...change }),
});

describe("nodeCheck", () => {
  it("wants the version package.json wants", () => {
    expect(look("22.0.0").status).toBe("ok");
    expect(look("20.20.2")).toMatchObject({ status: "error", hint: "install Node.js 22 or later" });
  });
});

describe("hasherCheck", () => {
  it("is information when the accelerator is not used", async () => {
    const config = resolveConfig({ mode: "user" }, { HOME: dir.path, SIGIL_HASHER: "wasm" });
    expect(await findings(hasherCheck, gatherFacts(config, false))).toEqual([
      expect.objectContaining({ status: "info", detail: expect.stringContaining("WebAssembly") }),
    ]);
  });
});

const lineAt = (ts: string) =>
  Buffer.from(
    JSON.stringify({
      event_id: "x",
      ts,
      host_id: "h",
      severity: "info",
      source: { kind: "agent" },
      subject: { kind: "self" },
      evidence: { kind: "heartbeat" },
    }),
  );

const clockAt = (run: RunCommand, ts?: string): Facts => ({
  ...base,
  run,
  files: { ...base.files, read: () => Promise.resolve({ kind: "absent" }) },
  tail: () =>
    Promise.resolve({
      lines: ts === undefined ? [] : [{ sequence: 1, bytes: lineAt(ts) }],
      lost: 0,
    }),
});

describe("clockCheck", () => {
  // Linux only: timedatectl is asked.
  it.runIf(process.platform === "linux")("follows a time server, or is a warning", async () => {
    expect(await findings(clockCheck, clockAt(saying("NTPSynchronized=yes\n")))).toMatchObject([
      { status: "ok" },
    ]);
    expect(await findings(clockCheck, clockAt(saying("NTPSynchronized=no\n")))).toMatchObject([
      { status: "warning" },
    ]);
    expect(await findings(clockCheck, clockAt(saying("", 1)))).toMatchObject([{ status: "info" }]);
  });

  it("warns of an event from the future", async () => {
    const ahead = clockAt(saying("NTPSynchronized=yes\n"), new Date(NOW + 120_000).toISOString());
    expect((await findings(clockCheck, ahead))[0]).toMatchObject({
      status: "warning",
      detail: "the last event is 2 min in the future",
    });
    const close = clockAt(saying("NTPSynchronized=yes\n"), new Date(NOW + 30_000).toISOString());
    expect((await findings(clockCheck, close))[0]?.status).not.toBe("warning");
  });
});

// Linux only: systemd is asked; macOS and Windows have services of their own kind.
describe.runIf(process.platform === "linux")("serviceCheck", () => {
  it.each([
    ["LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n", "ok"],
    ["LoadState=loaded\nActiveState=failed\nUnitFileState=enabled\n", "error"],
    ["LoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\n", "warning"],
    ["LoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\n", "info"],
    ["LoadState=not-found\nActiveState=inactive\nUnitFileState=\n", "info"],
    ["nonsense", "info"],
  ])("%j is %s", async (said, status) => {
    expect(await findings(serviceCheck, { ...base, run: saying(said) })).toMatchObject([
      { status },
    ]);
  });
});

describe("nodeCheck", () => {
  it.each([
    ["--require /tmp/x.js", "warning"],
    ["--max-old-space-size=64 -r ./x", "warning"],
    ["--import=data:text/javascript,1", "warning"],
    ["--experimental-loader \u001b[2J", "warning"],
    ["--max-old-space-size=64", null],
    [undefined, null],
  ])("with NODE_OPTIONS %j is %s: code that runs before Sigil is told", (options, status) => {
    const found = loaded(options === undefined ? {} : { NODE_OPTIONS: options });
    expect(found.map((one) => one.status)).toEqual(status === null ? [] : [status]);
    expect(found.map(({ detail }) => detail).join("")).not.toContain("\u001b");
  });
});

describe("stateCheck", () => {
  it("is information where there is none yet", async () => {
    expect(await findings(stateCheck, base)).toMatchObject([{ status: "info" }]);
  });

  it("says schema and size", async () => {
    dir.mkdir(".local/state/sigil");
    openState(base.config.paths.state, NOW).db.close();
    expect(await findings(stateCheck, base)).toMatchObject([
      { status: "ok", detail: expect.stringMatching(/^schema 3, 0 paths, [\d.]+ KiB$/) },
    ]);
  });

  it("is an error when a newer version made it", async () => {
    dir.mkdir(".local/state/sigil");
    const { db } = openState(base.config.paths.state, NOW);
    db.pragma("user_version = 99");
    db.close();
    await expect(findings(stateCheck, base)).rejects.toMatchObject({ code: "SIGIL_STATE_NEWER" });
    expect(await findings(sweepCheck, base)).toMatchObject([{ status: "info" }]);
  });

  it("says what becomes of a damaged one", async () => {
    dir.write(".local/state/sigil/state.db", "not a database");
    expect(await findings(stateCheck, base)).toMatchObject([
      { status: "error", hint: expect.stringContaining("sets it aside") },
    ]);
    expect(await findings(sweepCheck, base)).toMatchObject([{ status: "info" }]);
  });
});

async function sweptAgo(seconds: number, running: boolean): Promise<readonly Finding[]> {
  dir.mkdir(".local/state/sigil");
  const store = openStore(openState(base.config.paths.state, NOW).db);
  store.setMeta("last_sweep", String(NOW - seconds * 1000));
  store.close();
  return findings(sweepCheck, {
    ...base,
    running: () => Promise.resolve(running ? STATUS : null),
  });
}

describe("sweepCheck", () => {
  it("is fine within two intervals", async () => {
    expect(await sweptAgo(1190, true)).toMatchObject([{ status: "ok", detail: "19 min 50 s ago" }]);
  });

  it("is a warning later, while an agent runs", async () => {
    expect(await sweptAgo(1300, true)).toMatchObject([{ status: "warning" }]);
  });

  it("is information while none runs, and before the first", async () => {
    expect(await findings(sweepCheck, base)).toMatchObject([
      { status: "info", detail: "none that is known of" },
    ]);
    expect(await sweptAgo(100_000, false)).toMatchObject([{ status: "info" }]);
  });
});

describe("diskCheck", () => {
  it("is fine with room", async () => {
    const roomy = withSettings({ spool: { ...DEFAULT_SETTINGS.spool, min_free_bytes: 0 } });
    expect(await findings(diskCheck, roomy)).toMatchObject([{ status: "ok" }]);
  });

  it("warns below the room that should stay free", async () => {
    const tight = { ...DEFAULT_SETTINGS.spool, min_free_bytes: Number.MAX_SAFE_INTEGER };
    const [first] = await findings(diskCheck, withSettings({ spool: tight }));
    expect(first).toMatchObject({
      status: "warning",
      detail: expect.stringContaining("less than spool.min_free_bytes"),
    });
  });

  it("is an error without room for one segment", async () => {
    const huge = { ...DEFAULT_SETTINGS.spool, segment_max_bytes: Number.MAX_SAFE_INTEGER };
    const [first] = await findings(diskCheck, withSettings({ spool: huge }));
    expect(first).toMatchObject({ status: "error" });
  });

  it("warns near the spool's own limit", async () => {
    dir.write(".local/state/sigil/events/x.jsonl", "x".repeat(1000));
    const small = { ...DEFAULT_SETTINGS.spool, hard_max_bytes: 1050, min_free_bytes: 0 };
    expect(await findings(diskCheck, withSettings({ spool: small }))).toMatchObject([
      { status: "warning", detail: expect.stringContaining("of at most 1.0 KiB") },
    ]);
  });
});

const limited = (limits: Record<string, string>): Facts => {
  const files: FileReader = {
    ...base.files,
    read: (path) => {
      const text = limits[path.split("/").at(-1) ?? ""];
      const facts = { uid: 0, gid: 0, mode: 0o644 };
      return Promise.resolve(
        text === undefined ? { kind: "absent" } : { kind: "read", text, facts },
      );
    },
  };
  return { ...base, files };
};

// Linux only: inotify has these limits.
describe.runIf(process.platform === "linux")("watchesCheck", () => {
  const GENEROUS = {
    max_user_watches: "100000",
    max_queued_events: "16384",
    max_user_instances: "128",
  };

  it("is fine with the defaults of Linux", async () => {
    expect(await findings(watchesCheck, limited(GENEROUS))).toMatchObject([
      { status: "ok", detail: expect.stringContaining("of 100000 watches, queue of 16384 events") },
    ]);
  });

  it("warns of each limit that is too low, and how to raise it", async () => {
    const low = { max_user_watches: "3", max_queued_events: "100", max_user_instances: "1" };
    const found = await findings(watchesCheck, limited(low));
    expect(found.map(({ status }) => status)).toEqual(["warning", "warning", "warning"]);
    expect(found.map(({ hint }) => hint)).toEqual([
      expect.stringMatching(/^sysctl fs\.inotify\.max_user_watches=\d+; /),
      expect.stringContaining("fs.inotify.max_queued_events=16384"),
      expect.stringContaining("fs.inotify.max_user_instances=4"),
    ]);
  });

  it("warns when the policy's own limit is too low", async () => {
    const watch = { ...DEFAULT_SETTINGS.watch, max_shallow: 1 };
    const facts = { ...limited(GENEROUS), settings: () => withSettings({ watch }).settings() };
    expect(await findings(watchesCheck, facts)).toMatchObject([
      { status: "warning", hint: "raise watch.max_shallow in the policy" },
    ]);
  });

  it("is information where no limit can be read", async () => {
    expect(await findings(watchesCheck, limited({}))).toMatchObject([{ status: "info" }]);
  });
});

const running = (status: Partial<AgentStatus>): Facts => ({
  ...base,
  status: () => Promise.resolve({ ...STATUS, ...status }),
});

describe("agentCheck", () => {
  it("is information when none runs", async () => {
    expect(await findings(agentCheck, base)).toMatchObject([
      { status: "info", hint: "`sigil run` starts it" },
    ]);
  });

  it("tells of each condition, as bad as it is", async () => {
    const condition = { title: "T.", detail: "d", since: "" };
    const conditions = [
      { ...condition, code: "sweep-limit", severity: "warn" },
      { ...condition, code: "spool-stalled", severity: "high" },
    ] as const;
    const found = await findings(agentCheck, running({ conditions }));
    expect(found.map(({ status }) => status)).toEqual(["ok", "warning", "error"]);
    expect(found[2]?.detail).toBe("T. d (spool-stalled)");
  });

  it("warns of an agent of another version", async () => {
    expect(await findings(agentCheck, running({ version: "9.9.9" }))).toMatchObject([
      { status: "warning", hint: "restart it" },
    ]);
  });

  describe("when something silent holds the socket", () => {
    let server: Server;
    beforeEach(async () => {
      const path = base.config.paths.control;
      dir.mkdir(".local/state/sigil");
      server = createServer();
      await new Promise<void>((done) => void server.listen(path, done));
    });
    afterEach(() => void server.close());

    it("does not wait for it", async () => {
      await expect(findings(agentCheck, base)).rejects.toMatchObject({
        code: "SIGIL_CONTROL_REFUSED",
      });
      expect(await base.running()).toBeNull();
    });
  });
});

describe("gatherFacts", () => {
  it("looks each thing up once", async () => {
    const plan = base.plan();
    expect(await base.plan()).toBe(await plan);
    expect(base.tail()).toBe(base.tail());
    await base.tail().catch(() => undefined);
  });

  it("has settings also while the policy cannot be loaded", async () => {
    const file = dir.write("p.yaml", "nonsense: [");
    chmodSync(file, 0o644);
    const config = resolveConfig({ mode: "user", policy: file }, { HOME: dir.path });
    expect(await gatherFacts(config, true).settings()).toBe(DEFAULT_SETTINGS);
  });
});
