import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { eventsOf, lastStates, ofKind, readSpool, treeStates } from "../events.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { fill, smallDisk, stalled, writeHooks } from "./tmpfs.ts";

describe("a full disk under the spool", () => {
  it("makes events wait; they appear when there is room, and nothing is lost", async ({ skip }) => {
    const host = createHost();
    const disk = smallDisk(host, "1m", skip);
    writePolicy(
      host,
      `settings:
  record: {retry_ms: 100}
  spool: {full_disk: stop, min_free_bytes: 0}
`,
    );
    const spool = join(disk, "events");
    const agent = await host.start({ env: { SIGIL_EVENTS_DIR: spool } });
    const before = host.write(".claude/hooks/before.sh", "before\n");
    await agent.saw(before);

    /** Events that are durable, or wait to be. */
    const known = async () => {
      const { events_emitted_total, queue_depth } = await host.status();
      return events_emitted_total + queue_depth;
    };
    const begun = await known();
    const ballast = join(disk, "ballast");
    fill(ballast);
    const hooks = writeHooks(host, 200);
    await stalled(host, "spool");
    // Gone again before it is durable: its files are nowhere in the state yet.
    await eventually(async () => (await known()) === begun + 200);
    host.write(".claude/hooks/passing/by.sh", "x\n");
    await eventually(async () => (await known()) === begun + 201);
    renameSync(host.path(".claude/hooks/passing"), host.path("elsewhere"));
    const settings = host.write(".claude/settings.json", "while full\n");

    rmSync(ballast);
    await agent.saw(settings, ({ evidence }) => evidence.after_hash === b3("while full\n"));
    await eventually(() => lastStates(agent.events, hooks).size === 201);
    await agent.saw(host.path(".claude/hooks/passing/by.sh"), ({ evidence }) => {
      return evidence.change_kind === "removed";
    });
    await eventually(() =>
      ofKind(agent.events, "channel_stall").some(({ channel }) => channel === "spool"),
    );
    expect((await host.status()).conditions).toEqual([]);
    await agent.stop();
    const events = await readSpool(spool);
    expect(lastStates(events, hooks)).toEqual(treeStates(hooks));
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
    expect(ofKind(events, "spool_evicted")).toEqual([]);
  });

  it("loses nothing when the agent is killed while it is full", async ({ skip }) => {
    const host = createHost();
    const disk = smallDisk(host, "1m", skip);
    writePolicy(
      host,
      "settings: {record: {retry_ms: 100}, spool: {full_disk: stop, min_free_bytes: 0}}\n",
    );
    const spool = join(disk, "events");
    const env = { SIGIL_EVENTS_DIR: spool };
    const first = await host.start({ env });
    const ballast = join(disk, "ballast");
    fill(ballast);
    const hooks = writeHooks(host, 100);
    await stalled(host, "spool");
    await first.kill();
    rmSync(ballast);
    const second = await host.start({ env });
    await second.stop();
    expect(lastStates(await readSpool(spool), hooks)).toEqual(treeStates(hooks));
  });
});

describe("a full disk under the state database", () => {
  it("makes events wait, and no sweep ends the agent for it", async ({ skip }) => {
    const host = createHost();
    const disk = smallDisk(host, "16m", skip);
    writePolicy(
      host,
      `settings:
  record: {retry_ms: 100}
  health: {restart_max: 1}
`,
    );
    const agent = await host.start({ env: { SIGIL_STATE_DB: join(disk, "state.db") } });
    fill(join(disk, "ballast"));
    const hooks = writeHooks(host, 400);
    await stalled(host, "state");
    for (let round = 0; round < 3; round += 1) {
      const { uptime_s } = await host.status();
      agent.child.kill("SIGHUP");
      await eventually(async () => {
        const status = await host.status();
        return status.uptime_s > uptime_s && status.sweep_running === null;
      });
    }
    rmSync(join(disk, "ballast"));
    await eventually(() => lastStates(agent.events, hooks).size === 400);
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    expect(ofKind(agent.events, "agent_dying")).toEqual([]);
    expect(lastStates(await host.events(), hooks)).toEqual(treeStates(hooks));
  }, 60_000);
});

describe("a full disk under spool and state", () => {
  it("makes events wait; all are told, once, when there is room", async ({ skip }) => {
    const host = createHost();
    const disk = smallDisk(host, "16m", skip);
    writePolicy(
      host,
      "settings: {record: {retry_ms: 100}, spool: {full_disk: stop, min_free_bytes: 0}}\n",
    );
    const spool = join(disk, "events");
    const env = { SIGIL_EVENTS_DIR: spool, SIGIL_STATE_DB: join(disk, "state.db") };
    const agent = await host.start({ env });
    fill(join(disk, "ballast"));
    const hooks = writeHooks(host, 400);
    await eventually(async () =>
      (await host.status()).conditions.some(({ code }) => code.endsWith("-stalled")),
    );
    rmSync(join(disk, "ballast"));
    await eventually(() => lastStates(agent.events, hooks).size === 400, 60_000);
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    const events = await readSpool(spool);
    expect(lastStates(events, hooks)).toEqual(treeStates(hooks));
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
  }, 90_000);
});

describe("the state database", () => {
  it("that was deleted while the agent was down is made again: files are discovered again", async () => {
    const host = createHost();
    const settings = host.write(".claude/settings.json", "{}\n");
    const first = await host.start();
    await first.saw(settings);
    await first.stop();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(host.stateDb + suffix, { force: true });
    const second = await host.start();
    await second.saw(settings);
    await second.stop();
    const events = eventsOf(await host.events(), settings);
    expect(events.map(({ evidence }) => evidence.change_kind)).toEqual([
      "discovered",
      "discovered",
    ]);
    // A new database, a new epoch: what is told again is not mistaken for a repeat.
    expect(new Set(events.map(({ dedup_key }) => dedup_key)).size).toBe(2);
  });

  it("that was deleted while a file was removed: the removal is told all the same", async () => {
    const host = createHost();
    host.write(".claude/settings.json", "{}\n");
    const hook = host.write(".claude/hooks/gone.sh", "x\n");
    const first = await host.start();
    await first.saw(hook);
    await first.stop();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(host.stateDb + suffix, { force: true });
    rmSync(hook);
    await (await host.start()).stop();
    expect(eventsOf(await host.events(), hook).at(-1)?.evidence.change_kind).toBe("removed");
  });

  it("that is garbage is set aside, never deleted, and the agent says so", async () => {
    const host = createHost();
    const settings = host.write(".claude/settings.json", "{}\n");
    const first = await host.start();
    await first.saw(settings);
    await first.stop();
    for (const suffix of ["-wal", "-shm"]) rmSync(host.stateDb + suffix, { force: true });
    writeFileSync(host.stateDb, "this is not a database\n".repeat(400));
    const second = await host.start();
    await second.saw(settings);
    expect((await host.status()).conditions.map(({ code }) => code)).toContain("state-rebuilt");
    const aside = readdirSync(join(host.stateDb, "..")).filter((name) => name.includes("damaged"));
    expect(aside).toHaveLength(1);
    host.write(".claude/settings.json", "[]\n");
    await second.saw(settings, ({ evidence }) => evidence.after_hash === b3("[]\n"));
  });
});
