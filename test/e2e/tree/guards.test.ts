import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { has, last } from "../life/told.ts";
import { LONG, show } from "../long.ts";
import { fillDirectory } from "./make.ts";

const ROUNDS = LONG ? 12 : 2;
const PLUGIN = ".claude/plugins/cache/market/plugin/1";
const LIMIT = 1000;

describe("guards inside a standard tree that is not walked to its end", () => {
  it("are told by the sweeps when they changed, came or went while no agent ran, round after round", async () => {
    const host = createHost();
    writePolicy(host, `settings: {sweep: {max_entries: ${LIMIT}}, watch: {patrol_ms: 600000}}\n`);
    fillDirectory(host.path(".claude/plugins"), LIMIT + 500);
    const changed = host.write(`${PLUGIN}/.mcp.json`, "{}\n");
    const came = host.path(`${PLUGIN}/hooks/hooks.json`);
    const manifest = `${PLUGIN}/.claude-plugin/plugin.json`;
    host.write(manifest, '{"name":"plugin"}\n');
    let agent = await host.start();
    await agent.saw(host.path(manifest));
    let told = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await agent.stop();
      host.write(`${PLUGIN}/.mcp.json`, `{"mcpServers":{"x":{"command":"sh${round}"}}}\n`);
      host.write(`${PLUGIN}/hooks/hooks.json`, `{"hooks":{},"round":${round}}\n`);
      rmSync(host.path(`${PLUGIN}/.claude-plugin`), { recursive: true });
      agent = await host.start();
      await agent.saw(changed, has(`{"mcpServers":{"x":{"command":"sh${round}"}}}\n`));
      await agent.saw(came, has(`{"hooks":{},"round":${round}}\n`));
      await eventually(() => last(agent, host.path(manifest))?.change_kind === "removed");
      told += 3;
      host.write(manifest, '{"name":"plugin"}\n');
      await agent.saw(host.path(manifest), has('{"name":"plugin"}\n'));
    }
    show({ rounds: ROUNDS, lost: ROUNDS * 3 - told, did: { changes: told } });
  }, 600_000);
});

describe("standard trees that are not walked to their end", () => {
  it("are each named, not the first of them alone", async () => {
    const host = createHost();
    writePolicy(host, `settings: {sweep: {max_entries: ${LIMIT}}}\n`);
    const trees = [".claude/plugins", ".claude/skills", ".codex/skills"].map(host.path);
    for (const tree of trees) fillDirectory(tree, LIMIT + 500);
    const agent = await host.start();
    const named = (tree: string) =>
      ofKind(agent.events, "watcher_degraded").some(
        ({ reason, detail }) => reason === "sweep_limit" && detail?.includes(tree) === true,
      );
    for (const tree of trees) await eventually(() => named(tree));
    const { conditions } = await host.status();
    const condition = conditions.find(({ code }) => code === "sweep-limit");
    for (const tree of trees) expect(condition?.detail).toContain(tree);
  }, 120_000);
});
