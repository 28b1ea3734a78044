import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { b3 } from "../digest.ts";
import { lastStates, ofKind, treeStates } from "../events.ts";
import { createHost, eventually, writePolicy, type Agent, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { factsOf } from "../proc.ts";
import { MEMORY_MB } from "../load/during.ts";
import { stateRows } from "../model/said.ts";

const SETTINGS = ".claude/settings.json";
/** It goes on until it is told to end: a walk that waits for the end of the tree would never have one. */
const EDITS = LONG ? 60 : 4;
/** So many entries come as fast as they can: from then on a walk takes longer than the next reason for one is away. */
const HEAD = LONG ? 4000 : 1500;
/** For a disk that is to outlive a test that fails. */
const MOST = 100_000;

/** Makes entries before and behind a walk: beside it, and below where it is. */
const GROWER = `
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
const [most, head, stop, ...folders] = process.argv.slice(1);
for (let index = 0; index < most && !existsSync(stop); index += 1) {
  for (const folder of folders) {
    const at = folder + "/d" + (index % 100) + "/e" + (index % 7) + "/f" + Math.floor(index / 700);
    mkdirSync(at, { recursive: true });
    writeFileSync(at + "/" + index + ".md", index + "\\n");
  }
  if (index > head) await new Promise((done) => setTimeout(done, 3));
}
`;

async function grow(host: TestHost, folders: readonly string[]) {
  const args = [
    "--input-type=module",
    "-e",
    GROWER,
    "--",
    `${MOST}`,
    `${HEAD}`,
    host.path("stop"),
    ...folders,
  ];
  const child = spawn(process.execPath, args, { cwd: host.home, env: {}, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  const over = once(child, "close");
  return { child, over };
}

/** Files whose last state the agent does not know. */
function lostOf(host: TestHost, expected: ReadonlyMap<string, string | null>): string[] {
  const rows = stateRows(host.stateDb, host.home);
  const stored = (path: string) => rows.get(path.slice(host.home.length + 1));
  return [...expected].flatMap(([path, digest]) => {
    const row = stored(path);
    return row?.hash === digest && !row.gone ? [] : [path];
  });
}

/** Files of a critical target whose last state has no event. */
function untoldOf(agent: Agent, folder: string, expected: ReadonlyMap<string, string | null>) {
  const told = lastStates(agent.events, folder);
  return [...expected].flatMap(([path, digest]) =>
    !path.startsWith(`${folder}/`) || told.get(path) === digest ? [] : [path],
  );
}

describe("a tree that grows as it is walked", () => {
  it("has walks that end, keeps no critical edit waiting, and is told whole once it is quiet", async () => {
    const host = createHost();
    host.write(SETTINGS, "{}\n");
    const folders = [host.path(".claude/skills"), host.path(".claude/hooks")];
    writePolicy(
      host,
      "settings: {rate: {target_per_minute: 1000000}, watch: {recheck_ms: 1, poll_percent: 100}, sweep: {interval_s: 5}}\n",
    );
    const { child, over } = await grow(host, folders);
    // Watching means: the first walk has ended, whatever has come meanwhile.
    const agent = await host.start();
    let edits = 0;
    while (edits < EDITS) {
      edits += 1;
      const text = `{"edit":${edits}}\n`;
      const settings = host.write(SETTINGS, text);
      await agent.saw(settings, ({ evidence }) => evidence.after_hash === b3(text));
    }
    // It grew all the time.
    expect(child.exitCode).toBeNull();
    host.write("stop", "");
    await over;
    const expected = new Map(folders.flatMap((folder) => [...treeStates(folder)]));
    const untold = () => untoldOf(agent, folders[1] as string, expected).length;
    await eventually(() => untold() === 0 && lostOf(host, expected).length === 0, 90_000);
    expect(ofKind(agent.events, "baseline_completed").length).toBeGreaterThan(0);
    const { peak, descriptors } = factsOf(agent.child.pid as number);
    expect(peak).toBeLessThan(MEMORY_MB);
    expect(descriptors).toBeLessThan(300);
    show({
      rounds: edits,
      lost: untold() + lostOf(host, expected).length,
      did: { files: expected.size, peak_mib: peak, descriptors },
    });
  }, 600_000);
});
