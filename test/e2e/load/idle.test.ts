import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy, type Agent, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { factsOf } from "../proc.ts";
import { MEMORY_MB } from "./during.ts";

const PROJECTS = 200;
/** Two heartbeats are the ends of the window that is looked at. */
const HEARTBEAT_S = LONG ? 60 : 2;
/** `watch.max_shallow`. */
const MAX_WATCHES = 8192;

function makeProjects(host: TestHost): void {
  for (let index = 0; index < PROJECTS; index += 1) {
    const at = `code/team-${index % 10}/app-${index}`;
    host.write(`${at}/.git/config`, "[core]\n\tbare = false\n");
    host.write(`${at}/.git/HEAD`, "ref: refs/heads/main\n");
    host.write(`${at}/.claude/settings.json`, "{}\n");
    host.write(`${at}/.claude/skills/one/SKILL.md`, "a skill\n");
    host.write(`${at}/.cursor/rules/one.mdc`, "a rule\n");
    host.write(`${at}/CLAUDE.md`, "# rules\n");
    host.write(`${at}/src/lib/main.ts`, "export {};\n");
  }
}

/** How often any thread of it has gone to sleep: once for each time that it was woken. */
function wakesOf(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce((sum, task) => {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, "utf8");
    return sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  }, 0);
}

async function heartbeats(agent: Agent, count: number): Promise<void> {
  const beats = () => ofKind(agent.events, "heartbeat").length;
  await eventually(() => beats() >= count, 180_000);
}

/** @returns the number of heartbeats at the first of which nothing but it was told since the one before */
async function quietSince(agent: Agent): Promise<number> {
  for (let beats = 2; ; beats += 1) {
    const before = agent.events.length;
    await heartbeats(agent, beats);
    if (agent.events.length - before <= 2) return beats;
  }
}

describe(`${PROJECTS} projects that nobody touches`, () => {
  it("cost no sweep, no reading and few watches", async () => {
    const host = createHost();
    makeProjects(host);
    writePolicy(
      host,
      `workspaces: ["~/code"]\nsettings: {health: {heartbeat_s: ${HEARTBEAT_S}}, risk: {idle_s: 1}}\n`,
    );
    const agent = await host.start();
    const pid = agent.child.pid as number;
    // From one heartbeat to the next nothing else is told: the first assessments are over.
    const beats = await quietSince(agent);
    const before = { ...factsOf(pid), wakes: wakesOf(pid), events: agent.events.length };
    const started = performance.now();
    const age = (await host.status()).last_sweep_age_s ?? 0;
    await heartbeats(agent, beats + 2);
    const after = { ...factsOf(pid), wakes: wakesOf(pid), events: agent.events.length };
    const status = await host.status();
    const seconds = (performance.now() - started) / 1000;

    expect(status.projects).toBe(PROJECTS);
    // No sweep in between: the last one is older by the whole window.
    expect((status.last_sweep_age_s ?? 0) - age).toBeGreaterThanOrEqual(Math.floor(seconds) - 1);
    expect(status.watched_directories).toBeLessThan(MAX_WATCHES / 2);
    expect(status.conditions.map(({ code }) => code)).not.toContain("watching-by-polling");
    // A timer gone wild, or a watcher that hears itself, wakes it thousands of times a second.
    expect((after.wakes - before.wakes) / seconds).toBeLessThan(200);
    expect(after.read - before.read).toBeLessThan(20 * 2 ** 20);
    expect(after.events - before.events).toBeLessThanOrEqual(6);
    expect(after.rss).toBeLessThan(MEMORY_MB);
    show({
      rounds: 1,
      did: {
        projects: PROJECTS,
        watches: status.watched_directories,
        seconds: Math.round(seconds),
        cpu_percent: Math.round(((after.cpu - before.cpu) / seconds) * 10_000) / 100,
        wakes_a_second: Math.round((after.wakes - before.wakes) / seconds),
        read_kib: Math.round((after.read - before.read) / 1024),
        rss_mib: after.rss,
        descriptors: after.descriptors,
      },
    });
  }, 600_000);
});
