import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createHost, eventually, writePolicy, type Agent, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { lostBelow } from "../loss/count.ts";
import { has, last } from "./told.ts";

const NAMES = [".claude/settings.json", ".claude/hooks/guard.sh", ".claude/skills/one/SKILL.md"];

/** The agent's own directories stay where they are: only what it watches moves. */
function startIn(host: TestHost, home: string): Promise<Agent> {
  writePolicy(host, "");
  return host.start({
    env: {
      HOME: host.path(home),
      SIGIL_POLICY: host.policy,
      SIGIL_STATE_DB: host.stateDb,
      SIGIL_EVENTS_DIR: host.spool,
      XDG_RUNTIME_DIR: host.path(".local/state"),
    },
  });
}

function fill(host: TestHost, at: string, text: string, names = NAMES): void {
  for (const name of names) host.write(`${at}/${name}`, `${text} ${name}\n`);
}

async function holds(host: TestHost, agent: Agent, at: string, text: string, names = NAMES) {
  for (const name of names)
    await eventually(() => {
      const event = agent.of(host.path(`${at}/${name}`)).at(-1);
      expect(event && has(`${text} ${name}\n`)(event), `${at}/${name}: ${text}`).toBe(true);
      return true;
    });
}

async function gone(host: TestHost, agent: Agent, at: string, names = NAMES): Promise<void> {
  for (const name of names)
    await eventually(() => {
      expect(last(agent, host.path(`${at}/${name}`))?.change_kind, name).toBe("removed");
      return true;
    });
}

/** Everything there is watched: an edit is seen at once, for no sweep is due for minutes. */
async function watched(host: TestHost, agent: Agent, at: string, text: string, names = NAMES) {
  fill(host, at, text, names);
  for (const name of names) {
    const event = await agent.saw(host.path(`${at}/${name}`), has(`${text} ${name}\n`));
    expect(event.evidence.evidence_quality, `${at}/${name}: ${text}`).not.toBe("delayed");
  }
}

const ROUNDS = LONG ? 30 : 1;

describe("a directory above a home that is renamed", () => {
  it.each([
    ["the home itself", "users/me"],
    ["the directory of all homes", "users"],
  ])(
    "(%s) takes its files with it and brings them back, and another in its place is seen",
    async (_what, moved) => {
      const host = createHost();
      fill(host, "users/me", "first");
      const agent = await startIn(host, "users/me");
      await agent.saw(host.path("users/me/.claude/hooks/guard.sh"));
      await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
      for (let round = 0; round < ROUNDS; round += 1) {
        await watched(host, agent, "users/me", `before ${round}`);
        renameSync(host.path(moved), host.path("away"));
        await gone(host, agent, "users/me");
        renameSync(host.path("away"), host.path(moved));
        await holds(host, agent, "users/me", `before ${round}`);
        await watched(host, agent, "users/me", `after ${round}`);
        // Another with the same names, in one go.
        fill(host, moved === "users" ? "staged/me" : "staged", `other ${round}`);
        renameSync(host.path(moved), host.path("away"));
        renameSync(host.path("staged"), host.path(moved));
        await holds(host, agent, "users/me", `other ${round}`);
        await watched(host, agent, "users/me", `edited ${round}`);
        rmSync(host.path("away"), { recursive: true });
      }
      const lost = lostBelow(agent, host.path("users")).length;
      show({ rounds: ROUNDS, lost, did: { renames: ROUNDS * 4 } });
    },
    600_000,
  );
});

describe("a directory above a project that is renamed", () => {
  it("has the project's files gone at the old place and found at the new one, there and back", async () => {
    const host = createHost();
    const names = [".claude/settings.json", ".claude/hooks/guard.sh"];
    writePolicy(host, 'workspaces: ["~/code", "~/src"]\n');
    fill(host, "code/team/app", "first", names);
    mkdirSync(host.path("code/team/app/.git"));
    mkdirSync(host.path("src"));
    const agent = await host.start();
    await agent.saw(host.path("code/team/app/.claude/settings.json"));
    await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
    let at = "code/team";
    for (let round = 0; round < ROUNDS; round += 1) {
      await watched(host, agent, `${at}/app`, `before ${round}`, names);
      for (const next of ["code/crew", "src/crew", "code/team"]) {
        renameSync(host.path(at), host.path(next));
        await gone(host, agent, `${at}/app`, names);
        await holds(host, agent, `${next}/app`, `before ${round}`, names);
        at = next;
      }
      await watched(host, agent, `${at}/app`, `after ${round}`, names);
    }
    const lost = ["code", "src"].flatMap((base) => lostBelow(agent, host.path(base))).length;
    show({ rounds: ROUNDS, lost, did: { renames: ROUNDS * 3 } });
  }, 600_000);
});

describe("a directory above what a linked ~/.claude leads to", () => {
  it("that is renamed leaves nothing behind the link, and is watched again when it is back, or another is", async () => {
    const host = createHost();
    fill(host, "data/dotfiles/x", "first");
    symlinkSync("data/dotfiles/x/.claude", host.path(".claude"));
    const agent = await host.start();
    await agent.saw(host.path(".claude/hooks/guard.sh"));
    await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
    for (let round = 0; round < ROUNDS; round += 1) {
      await watched(host, agent, ".", `before ${round}`);
      renameSync(host.path("data"), host.path("away"));
      await gone(host, agent, ".");
      renameSync(host.path("away"), host.path("data"));
      await holds(host, agent, ".", `before ${round}`);
      await watched(host, agent, ".", `after ${round}`);
      fill(host, "staged/x", `other ${round}`);
      renameSync(host.path("data/dotfiles"), host.path("away"));
      renameSync(host.path("staged"), host.path("data/dotfiles"));
      await holds(host, agent, ".", `other ${round}`);
      rmSync(host.path("away"), { recursive: true });
      // Gone, and made again from the top, level by level.
      rmSync(host.path("data"), { recursive: true });
      await gone(host, agent, ".");
      fill(host, "data/dotfiles/x", `again ${round}`);
      await holds(host, agent, ".", `again ${round}`);
    }
    const lost = lostBelow(agent, host.path(".claude")).length;
    show({ rounds: ROUNDS, lost, did: { renames: ROUNDS * 4, removals: ROUNDS } });
  }, 600_000);
});
