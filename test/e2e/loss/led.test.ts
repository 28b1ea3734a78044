import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "vitest";
import { b3 } from "../digest.ts";
import { createHost, eventually, writePolicy, type Agent, type TestHost } from "../harness.ts";

const HOOK = ".claude/hooks/guard.sh";
const REAL = "dotfiles/hooks/guard.sh";
/** Without patrol, and long before the next sweep, only watchers tell of anything. */
const NO_PATROL = "settings: {watch: {patrol_ms: 3600000}}\n";

function linked(policy = NO_PATROL): { host: TestHost; link: string } {
  const host = createHost();
  writePolicy(host, policy);
  mkdirSync(host.path(".claude/hooks"), { recursive: true });
  symlinkSync("../../dotfiles/hooks/guard.sh", host.path(HOOK));
  return { host, link: host.path(HOOK) };
}

async function sees(host: TestHost, agent: Agent, link: string, contents: string) {
  host.write(REAL, contents);
  await agent.saw(link, ({ evidence: { after_hash } }) => after_hash === b3(contents));
}

const age = async (host: TestHost) => (await host.status()).last_sweep_age_s ?? Infinity;

/** Does something that leads to a sweep, and waits for its end. */
async function thenSwept(host: TestHost, act: () => void | Promise<void>): Promise<void> {
  await eventually(async () => (await age(host)) >= 3);
  await act();
  await eventually(async () => (await age(host)) < 3);
}

describe("the real file behind a link, where nothing else is watched", () => {
  it("has its edit seen after a restart that found nothing changed", async () => {
    const { host, link } = linked();
    host.write(REAL, "1\n");
    const agent = await host.start();
    await agent.saw(link);
    await agent.stop();
    await sees(host, await host.start(), link, "2\n");
  });

  it("has its edit seen after all watchers were made again", async () => {
    const { host, link } = linked();
    host.write(REAL, "1\n");
    const agent = await host.start();
    await agent.saw(link);
    await thenSwept(host, async () => {
      agent.child.kill("SIGSTOP");
      await sleep(3000);
      agent.child.kill("SIGCONT");
    });
    await sees(host, agent, link, "2\n");
  });

  it("has its edit seen after another policy came into force", async () => {
    const { host, link } = linked();
    host.write(REAL, "1\n");
    const agent = await host.start();
    await agent.saw(link);
    writePolicy(host, `${NO_PATROL}host_id_strategy: {static: other}\n`);
    await thenSwept(host, () => void agent.child.kill("SIGHUP"));
    await sees(host, agent, link, "2\n");
  });
  it("is seen when it appears, where the link has led to nothing, not even a directory", async () => {
    const { host, link } = linked();
    const agent = await host.start();
    await agent.saw(link);
    await sees(host, agent, link, "1\n");
    await sees(host, agent, link, "2\n");
  });

  it("is told as gone and as back when its directory is moved away and comes back", async () => {
    // No watched directory tells of the first: the patrol does.
    const { host, link } = linked("settings: {watch: {patrol_ms: 500}}\n");
    host.write(REAL, "1\n");
    const agent = await host.start();
    await agent.saw(link);
    renameSync(host.path("dotfiles"), host.path("elsewhere"));
    await agent.saw(link, ({ evidence }) => evidence.after_hash === null);
    renameSync(host.path("elsewhere"), host.path("dotfiles"));
    await eventually(() => agent.of(link).at(-1)?.evidence.after_hash === b3("1\n"));
    rmSync(host.path("dotfiles"), { recursive: true });
    await eventually(() => agent.of(link).at(-1)?.evidence.after_hash === null);
    await sees(host, agent, link, "2\n");
  });
});
