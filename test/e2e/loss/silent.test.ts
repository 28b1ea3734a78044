import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, truncateSync, utimesSync, writeSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { b3 } from "../digest.ts";
import { ofKind } from "../events.ts";
import {
  cannot,
  createHost,
  eventually,
  writePolicy,
  type Agent,
  type TestHost,
} from "../harness.ts";

const HOOK = ".claude/hooks/guard.sh";
const OTHER = ".claude/hooks/other.sh";
const OFTEN = "settings: {sweep: {interval_s: 5}}\n";

const python = () => spawnSync("python3", ["-c", "import mmap, ctypes"]).status === 0;

/** Runs a few lines of Python to their end: system calls that Node has no name for. */
function runPython(code: string, ...args: readonly string[]): void {
  const ran = spawnSync("python3", ["-c", code, ...args], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
}

async function withHooks(policy = ""): Promise<{ host: TestHost; agent: Agent; hook: string }> {
  const host = createHost();
  if (policy !== "") writePolicy(host, policy);
  const hook = host.write(HOOK, "exit 2\n");
  const agent = await host.start();
  await agent.saw(hook);
  return { host, agent, hook };
}

const holds = (agent: Agent, path: string, contents: string | Buffer) =>
  agent.saw(path, ({ evidence }) => evidence.after_hash === b3(contents));

const TMPFILE = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
f = os.open(os.path.dirname(sys.argv[1]), os.O_TMPFILE | os.O_RDWR, 0o644)
os.write(f, b"linked\\n")
at = f"/proc/self/fd/{f}".encode()
if libc.linkat(-100, at, -100, sys.argv[1].encode(), 0x400) != 0: raise OSError(ctypes.get_errno(), "linkat")
`;
const EXCHANGE = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
a, b = sys.argv[1].encode(), sys.argv[2].encode()
if libc.renameat2(-100, a, -100, b, 2) != 0: raise OSError(ctypes.get_errno(), "renameat2")
`;
const PUNCH = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
f = os.open(sys.argv[1], os.O_RDWR)
n = ctypes.c_int64
if libc.fallocate(f, 3, n(0), n(4096)) != 0: raise OSError(ctypes.get_errno(), "fallocate")
`;
/** Maps a file and writes what it is told, a line at a time, through the mapping; answers each. */
const MAPPED = `
import mmap, sys
f = open(sys.argv[1], "r+b")
m = mmap.mmap(f.fileno(), 0)
for line in sys.stdin:
    m[0:7] = line.encode()[0:7]
    print("done", flush=True)
`;

describe("a file that is changed past the usual calls", () => {
  it("is seen when it is made without a name and then linked", async ({ skip }) => {
    if (!python()) return cannot(skip, "no python3");
    const { host, agent } = await withHooks();
    runPython(TMPFILE, host.path(OTHER));
    await holds(agent, host.path(OTHER), "linked\n");
  });

  it("is seen at both names when two watched files are exchanged", async ({ skip }) => {
    if (!python()) return cannot(skip, "no python3");
    const { host, agent, hook } = await withHooks();
    const other = host.write(OTHER, "exit 0\n");
    await agent.saw(other);
    runPython(EXCHANGE, hook, other);
    await holds(agent, hook, "exit 0\n");
    await holds(agent, other, "exit 2\n");
  });

  it("is seen when bytes of it are written through a descriptor opened long before", async () => {
    const host = createHost();
    const hook = host.write(HOOK, "exit 2\n");
    const descriptor = openSync(hook, "r+");
    const agent = await host.start();
    await agent.saw(hook);
    writeSync(descriptor, "0", 5);
    closeSync(descriptor);
    await holds(agent, hook, "exit 0\n");
  });

  it("is seen when a hole is punched into it, or it is cut and grown to the same size", async ({
    skip,
  }) => {
    const { host, agent } = await withHooks();
    const large = Buffer.alloc(16_384, 7);
    const hook = host.write(OTHER, large);
    await holds(agent, hook, large);
    truncateSync(hook, 4096);
    truncateSync(hook, 16_384);
    large.fill(0, 4096);
    await holds(agent, hook, large);
    if (!python()) return cannot(skip, "no python3");
    runPython(PUNCH, hook);
    await holds(agent, hook, Buffer.alloc(16_384));
  });
});

describe("a file that is written through a mapping", () => {
  it("is found, also where a second write moves no time at all", async ({ skip }) => {
    if (!python()) return cannot(skip, "no python3");
    const { host, agent, hook } = await withHooks(OFTEN);
    const writer = spawn("python3", ["-c", MAPPED, hook], { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void writer.kill("SIGKILL"));
    for (const contents of ["exit 1\n", "exit 0\n"]) {
      writer.stdin.write(contents);
      await once(writer.stdout, "data");
      const { evidence } = await holds(agent, hook, contents);
      expect(evidence).toMatchObject({ change_kind: "modified", evidence_quality: "delayed" });
    }
    expect((await host.status()).polling).toBe(false);
    const told = await eventually(() =>
      ofKind(agent.events, "watcher_degraded").find(
        ({ reason }) => reason === "sweep_found_changes",
      ),
    );
    expect(told).toMatchObject({ missed: 1 });
  }, 60_000);
});

describe("while there is no agent", () => {
  it("a change whose times are set back is found at the next start", async () => {
    const { host, agent, hook } = await withHooks();
    await agent.stop();
    host.write(HOOK, "exit 0\n");
    utimesSync(hook, 978_307_200, 978_307_200);
    const next = await host.start();
    const { evidence } = await holds(next, hook, "exit 0\n");
    expect(evidence).toMatchObject({ change_kind: "modified", evidence_quality: "delayed" });
  });
});
