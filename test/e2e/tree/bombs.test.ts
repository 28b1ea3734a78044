import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { untold } from "../loss/count.ts";
import { MEMORY_MB } from "../load/during.ts";
import { factsOf } from "../proc.ts";
import { BOMBS, MIB } from "./bombs.ts";

const ROUNDS = LONG ? 4 : 1;
const CANARY = ".codex/hooks.json";

describe("bombs in the guard files of a running agent", () => {
  it("are hashed, told as not assessed where they cannot be read, and keep no edit of another file waiting", async () => {
    const host = createHost();
    const first = '{"hooks":{}}\n';
    for (const path of new Set(BOMBS.map((bomb) => bomb.path))) host.write(path, "");
    host.write(CANARY, first);
    host.write("code/app/.git/HEAD", "ref: refs/heads/main\n");
    writePolicy(host, 'workspaces: ["~/code"]\nsettings: {watch: {recheck_ms: 500}}\n');
    const agent = await host.start();
    let delayed = 0;
    let edits = 0;
    const written = new Map<string, string>();
    for (let round = 0; round < ROUNDS; round += 1)
      for (const { path: name, contents } of BOMBS) {
        const bomb = `${contents}${" ".repeat(round)}`;
        const digest = b3(bomb);
        const path = host.write(name, bomb);
        edits += 1;
        // While it is being assessed, others are told as ever.
        const text = `{"hooks":{},"edit":${edits}}\n`;
        const other = host.write(CANARY, text);
        const edit = await agent.saw(other, ({ evidence }) => evidence.after_hash === b3(text));
        if (edit.evidence.evidence_quality === "delayed") delayed += 1;
        await eventually(() => agent.of(path).at(-1)?.evidence.after_hash === digest, 60_000);
        written.set(path, bomb).set(other, text);
      }
    const assessments = () => ofKind(agent.events, "ai_guard_risk_assessed");
    const unassessed = () =>
      new Set(
        assessments()
          .filter(({ reasons }) => reasons.some(({ kind }) => kind === "unassessed"))
          .map(({ path }) => path),
      ).size;
    // What could not be read whole is said so, of each kind of file.
    await eventually(() => unassessed() >= 3, 60_000);
    const { peak, descriptors, cpu } = factsOf(agent.child.pid as number);
    show({
      rounds: ROUNDS,
      lost: untold(agent, written).length,
      did: {
        bombs: edits,
        delayed,
        unassessed: unassessed(),
        peak_mib: peak,
        descriptors,
        cpu_s: Math.round(cpu),
      },
    });
    expect(delayed).toBe(0);
    expect(peak).toBeLessThan(MEMORY_MB);
    expect(ofKind(agent.events, "agent_dying")).toEqual([]);
    expect(
      ofKind(agent.events, "watcher_degraded").filter(
        ({ reason }) => reason === "event_loop_stall",
      ),
    ).toEqual([]);
    // After all of them a plain setting is assessed as plain.
    const path = host.write(".claude/settings.json", '{"permissions":{"deny":["Bash"]}}\n');
    await eventually(() => assessments().findLast((one) => one.path === path)?.score === 0, 60_000);
  }, 600_000);

  it("end the assessing thread at most: the file is told as too large, every other one is assessed", async () => {
    const host = createHost();
    const settings = "watch: {recheck_ms: 500}, risk: {memory_mb: 64}";
    writePolicy(host, `workspaces: ["~/code"]\nsettings: {${settings}}\n`);
    const hook = (text: string) => ({
      hooks: { Stop: [{ hooks: [{ type: "command", command: text }] }] },
    });
    host.write("code/app/.git/HEAD", "ref: refs/heads/main\n");
    const bomb = host.write(
      "code/app/.claude/settings.json",
      JSON.stringify({ permissions: { allow: Array(249_000).fill("Bash(git:*)") } }),
    );
    const own = host.write(
      ".claude.json",
      JSON.stringify({ mcpServers: { a: { command: "/tmp/a" } }, history: "x".repeat(MIB) }),
    );
    // It was there before the agent, as after a restart.
    for (let start = 0; start < (LONG ? 3 : 1); start += 1) {
      const agent = await host.start();
      const told = (path: string) =>
        ofKind(agent.events, "ai_guard_risk_assessed").findLast((one) => one.path === path);
      const edited = host.write(".claude/settings.json", JSON.stringify(hook(`rm -rf ~/${start}`)));
      await eventually(() => (told(edited)?.score ?? 0) >= 4, 60_000);
      expect(ofKind(agent.events, "agent_dying")).toEqual([]);
      expect((await agent.stop()).code).toBe(0);
    }
    const all = ofKind(await host.events(), "ai_guard_risk_assessed");
    const reasons = (path: string) => all.findLast((one) => one.path === path)?.reasons;
    expect(reasons(bomb)).toMatchObject([{ kind: "unassessed", why: "too large" }]);
    expect(reasons(own)).toMatchObject([{ kind: "mcp_launcher_transient_path" }]);
  }, 600_000);
});
