import { renameSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createHost, writePolicy, type Agent, type TestHost } from "../harness.ts";

const GUARDS = {
  ".envrc": "export A=1\n",
  ".git/hooks/pre-commit": "exit 1\n",
  ".claude/settings.json": '{"permissions":{"deny":["Bash"]}}\n',
};

/** A home with one project below a workspace; the agent has seen it, and is down. */
async function seenOnce(): Promise<TestHost> {
  const host = createHost();
  for (const [name, contents] of Object.entries(GUARDS)) host.write(`work/p/${name}`, contents);
  host.write(".claude/settings.json", "{}\n");
  writePolicy(host, 'workspaces: ["~/work"]\n');
  await (await host.start()).stop();
  return host;
}

const removals = (agent: Agent, path: string) =>
  agent.of(path).filter(({ evidence }) => evidence.change_kind === "removed");

describe("a project that vanishes while the agent is down", () => {
  it.each([
    ["is moved away", (host: TestHost) => renameSync(host.path("work/p"), host.path("p.away"))],
    ["goes with its workspace", (host: TestHost) => rmSync(host.path("work"), { recursive: true })],
  ])(
    "and %s: the next start tells each of its guard files as removed, once",
    async (_how, act) => {
      const host = await seenOnce();
      act(host);
      const agent = await host.start();
      for (const name of Object.keys(GUARDS)) {
        const path = host.path(`work/p/${name}`);
        const event = await agent.saw(path, ({ evidence }) => evidence.change_kind === "removed");
        expect(event.target_id).not.toBe(null);
        expect(event.severity).toBe("warn");
        expect(event.evidence.evidence_quality).toBe("delayed");
      }
      await agent.stop();
      const again = await host.start();
      await again.stop();
      for (const name of Object.keys(GUARDS)) {
        expect(removals(agent, host.path(`work/p/${name}`))).toHaveLength(1);
        expect(again.of(host.path(`work/p/${name}`))).toEqual([]);
      }
    },
    120_000,
  );

  it("and had one marker, a guard file: its removal is told, and what is left there is not", async () => {
    const host = createHost();
    const marker = host.write("work/q/.mcp.json", "{}\n");
    const left = host.write("work/q/.envrc", "export A=1\n");
    writePolicy(host, 'workspaces: ["~/work"]\n');
    await (await host.start()).stop();
    rmSync(marker);
    const agent = await host.start();
    await agent.saw(marker, ({ evidence }) => evidence.change_kind === "removed");
    await agent.stop();
    expect(agent.of(left)).toEqual([]);
  }, 120_000);

  it("and comes back: its guard files are told as created", async () => {
    const host = await seenOnce();
    const hook = host.path("work/p/.git/hooks/pre-commit");
    renameSync(host.path("work/p"), host.path("p.away"));
    const without = await host.start();
    await without.saw(hook, ({ evidence }) => evidence.change_kind === "removed");
    await without.stop();
    renameSync(host.path("p.away"), host.path("work/p"));
    const agent = await host.start();
    await agent.saw(hook, ({ evidence }) => evidence.change_kind === "created");
  }, 120_000);
});

describe("a project that the policy no longer means", () => {
  it("is not told as removed while its files are there, nor ever when its target was dropped", async () => {
    const host = await seenOnce();
    const dropped = host.write("work/p/.mine", "1\n");
    const target =
      'targets: [{id: mine, description: mine, tier: critical, platform: any, paths: ["$SIGIL_PROJECT/.mine"], recursive: false, follow_symlinks: false}]\n';
    writePolicy(host, `workspaces: ["~/work"]\n${target}`);
    const before = await host.start();
    await before.saw(dropped);
    await before.stop();
    writePolicy(host, "workspaces: []\n");
    rmSync(dropped);
    const user = host.path(".claude/settings.json");
    rmSync(user);
    const agent = await host.start();
    // Of the same sweep: when this is told, the project was looked at too.
    await agent.saw(user, ({ evidence }) => evidence.change_kind === "removed");
    await agent.stop();
    for (const name of [...Object.keys(GUARDS), ".mine"])
      expect(agent.of(host.path(`work/p/${name}`))).toEqual([]);
  }, 120_000);
});
