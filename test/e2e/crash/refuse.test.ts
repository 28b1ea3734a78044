import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cannot, createHost, NOBODY } from "../harness.ts";

describe("a second agent on the same spool", () => {
  it("is refused with exit code 4, a code and a hint; the first goes on", async () => {
    const host = createHost();
    const first = await host.start();
    const second = await host.start({ ready: false });
    expect(await second.ended).toEqual({ code: 4, signal: null });
    expect(second.log()).toMatch(/^sigil: error: .*\[SIGIL_AGENT_RUNNING\]$/m);
    expect(second.log()).toMatch(/^sigil: hint: .+$/m);
    expect(second.lines).toEqual([]);
    const settings = host.write(".claude/settings.json", "{}\n");
    await first.saw(settings);
    expect((await host.status()).pid).toBe(first.child.pid);
  });

  it("with another spool and the same state is refused as well: each would take for told what the other told", async () => {
    const host = createHost();
    const first = await host.start();
    const env = {
      SIGIL_EVENTS_DIR: host.path("other/events"),
      XDG_RUNTIME_DIR: host.path("other/run"),
    };
    mkdirSync(host.path("other/run"), { recursive: true });
    const second = await host.start({ ready: false, env });
    expect(await second.ended).toEqual({ code: 4, signal: null });
    expect(second.log()).toMatch(/^sigil: error: .*state\.db.*\[SIGIL_AGENT_RUNNING\]$/m);
    expect(first.child.exitCode).toBeNull();
  });

  it("with a spool and a state of its own does not take the first one's control socket", async () => {
    const host = createHost();
    const first = await host.start();
    const env = {
      SIGIL_EVENTS_DIR: host.path("other/events"),
      SIGIL_STATE_DB: host.path("other/state.db"),
    };
    const second = await host.start({ ready: false, env });
    expect(await second.ended).toEqual({ code: 4, signal: null });
    expect(second.log()).toMatch(/^sigil: error: .*another agent.*\[SIGIL_CONTROL_SOCKET\]$/m);
    expect((await host.status()).pid).toBe(first.child.pid);
  });

  it("with everything of its own runs beside the first", async () => {
    const host = createHost();
    const first = await host.start();
    mkdirSync(host.path("other/run"), { recursive: true });
    const env = {
      SIGIL_EVENTS_DIR: host.path("other/events"),
      SIGIL_STATE_DB: host.path("other/state.db"),
      XDG_RUNTIME_DIR: host.path("other/run"),
    };
    const second = await host.start({ env });
    const settings = host.write(".claude/settings.json", "{}\n");
    await Promise.all([first.saw(settings), second.saw(settings)]);
  });

  it("may start once the first was killed: the lock dies with its process", async () => {
    const host = createHost();
    await (await host.start()).kill();
    const next = await host.start();
    expect((await host.status()).pid).toBe(next.child.pid);
  });
});

describe("a lock that cannot be taken", () => {
  it("is not called another agent: the error says what is wrong with it", async () => {
    const host = createHost();
    mkdirSync(join(host.spool, "lock.db"), { recursive: true });
    const agent = await host.start({ ready: false });
    expect(await agent.ended).toEqual({ code: 4, signal: null });
    expect(agent.log()).toMatch(/^sigil: error: cannot lock .*\[SIGIL_SPOOL_IO\]$/m);
  });

  it("because it is garbage is emptied and taken; a second agent is refused all the same", async () => {
    const host = createHost();
    mkdirSync(host.spool, { recursive: true });
    for (const file of [join(host.spool, "lock.db"), `${host.stateDb}.lock`])
      writeFileSync(file, "this is not a database\n".repeat(400));
    const first = await host.start();
    const second = await host.start({ ready: false });
    expect(await second.ended).toEqual({ code: 4, signal: null });
    expect((await host.status()).pid).toBe(first.child.pid);
  });
});

describe("a spool directory of another owner", () => {
  it("is refused with a code, the place and a hint; nothing is written into it", async ({
    skip,
  }) => {
    if (process.getuid?.() !== 0) cannot(skip, "only root can start the agent as another user");
    const host = createHost({ owner: NOBODY });
    const foreign = join(host.home, "foreign");
    mkdirSync(foreign);
    writeFileSync(join(foreign, "theirs"), "keep\n");
    chmodSync(foreign, 0o777);
    chownSync(foreign, NOBODY - 1, NOBODY - 1);
    const agent = await host.start({
      ready: false,
      uid: NOBODY,
      env: { SIGIL_EVENTS_DIR: foreign },
    });
    expect(await agent.ended).toEqual({ code: 3, signal: null });
    expect(agent.log()).toMatch(/^sigil: error: .*foreign.*\[SIGIL_SPOOL_OWNER\]$/m);
    expect(agent.log()).toMatch(/^sigil: hint: .+$/m);
    expect(readdirSync(foreign)).toEqual(["theirs"]);
  });
});
