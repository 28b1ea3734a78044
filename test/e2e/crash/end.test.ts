import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { lastStates, ofKind, readSpool, treeStates } from "../events.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { show } from "../long.ts";
import { fill, smallDisk, stalled, writeHooks } from "./tmpfs.ts";

describe("SIGTERM while a disk is full", () => {
  it("ends the agent, though the state cannot be written; the next one tells everything", async ({
    skip,
  }) => {
    const host = createHost();
    const disk = smallDisk(host, "16m", skip);
    writePolicy(host, "settings: {record: {retry_ms: 100}}\n");
    const env = { SIGIL_STATE_DB: join(disk, "state.db") };
    const agent = await host.start({ env });
    fill(join(disk, "ballast"));
    const hooks = writeHooks(host, 400);
    await stalled(host, "state");
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    rmSync(join(disk, "ballast"));
    await (await host.start({ env })).stop();
    expect(lastStates(await host.events(), hooks)).toEqual(treeStates(hooks));
  });

  it("ends the agent, though more waits for the spool than may wait", async ({ skip }) => {
    const host = createHost();
    const disk = smallDisk(host, "1m", skip);
    writePolicy(
      host,
      `settings:
  record: {retry_ms: 100, queue_max: 20, group_max: 10}
  spool: {full_disk: stop, min_free_bytes: 0}
`,
    );
    const env = { SIGIL_EVENTS_DIR: join(disk, "events") };
    const agent = await host.start({ env });
    fill(join(disk, "ballast"));
    const hooks = writeHooks(host, 400);
    await eventually(async () => (await host.status()).queue_depth > 100);
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    rmSync(join(disk, "ballast"));
    await (await host.start({ env })).stop();
    expect(lastStates(await readSpool(join(disk, "events")), hooks)).toEqual(treeStates(hooks));
  });
});

describe("SIGTERM while the agent starts", () => {
  it("ends it cleanly, whatever it had come to; its last word is in the spool", async () => {
    const host = createHost();
    host.write(".claude/settings.json", "{}\n");
    const run = join(dirname(host.stateDb), "control.sock");
    const stages = [
      join(host.spool, "lock.db"),
      join(host.spool, "spool.json"),
      `${host.stateDb}.lock`,
      `${host.stateDb}-wal`,
      run,
    ];
    for (const stage of stages) {
      for (const path of [host.spool, host.stateDb, `${host.stateDb}.lock`, run])
        rmSync(path, { recursive: true, force: true });
      for (const suffix of ["-wal", "-shm"]) rmSync(host.stateDb + suffix, { force: true });
      const agent = await host.start({ ready: false });
      await eventually(() => existsSync(stage));
      expect(await agent.stop(), stage).toEqual({ code: 0, signal: null });
      expect(ofKind(await host.events(), "heartbeat").at(-1)?.is_final, stage).toBe(true);
      expect(existsSync(run), stage).toBe(false);
    }
    show({ rounds: stages.length, did: { stages: stages.length } });
  });
});
