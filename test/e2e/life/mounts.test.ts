import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { createHost, eventually, writePolicy, type Agent, type TestHost } from "../harness.ts";
import { APART, inside, needsMounts, seenBy } from "./space.ts";
import { has, last, OFTEN } from "./told.ts";

const SETTINGS = ".claude/settings.json";
const HOOK = ".claude/hooks/guard.sh";

/** A home with a tool in it, and an agent among mounts of its own. */
async function apart(skip: (note?: string) => never): Promise<{ host: TestHost; agent: Agent }> {
  needsMounts(skip);
  const host = createHost();
  writePolicy(host, OFTEN);
  host.write(SETTINGS, "{}\n");
  host.write(HOOK, "exit 2\n");
  const agent = await host.start({ under: APART });
  await agent.saw(host.path(HOOK));
  await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
  return { host, agent };
}

function write(agent: Agent, path: string, contents: string): void {
  writeFileSync(seenBy(agent, path), contents);
}

describe("a filesystem mounted over a watched directory", () => {
  it("is seen, with what it hides and what it brings, and watched; and so is its end", async ({
    skip,
  }) => {
    const { host, agent } = await apart(skip);
    const [settings, hook] = [host.path(SETTINGS), host.path(HOOK)];
    inside(agent, "mount", "-t", "tmpfs", "none", host.path(".claude"));
    write(agent, settings, "evil\n");
    await agent.saw(settings, has("evil\n"));
    await eventually(() => last(agent, hook)?.change_kind === "removed");
    write(agent, settings, "more evil\n");
    expect((await agent.saw(settings, has("more evil\n"))).evidence.evidence_quality).not.toBe(
      "delayed",
    );
    inside(agent, "umount", host.path(".claude"));
    await eventually(() => last(agent, settings)?.after_hash === b3("{}\n"));
    await eventually(() => last(agent, hook)?.after_hash === b3("exit 2\n"));
  }, 90_000);

  it("by a bind of another directory, or of one file, is seen", async ({ skip }) => {
    const { host, agent } = await apart(skip);
    host.write("evil/guard.sh", "exit 0\n");
    const file = host.write("evil.json", "evil\n");
    inside(agent, "mount", "--bind", host.path("evil"), host.path(".claude/hooks"));
    inside(agent, "mount", "--bind", file, host.path(SETTINGS));
    await agent.saw(host.path(HOOK), has("exit 0\n"));
    await agent.saw(host.path(SETTINGS), has("evil\n"));
    write(agent, host.path(HOOK), "exit 0 # again\n");
    await agent.saw(host.path(HOOK), has("exit 0 # again\n"));
  }, 90_000);
});

describe("a home on overlayfs", () => {
  it("has edits seen, a copy up told as no other contents, and changes below found", async ({
    skip,
  }) => {
    needsMounts(skip);
    const host = createHost();
    writePolicy(host, OFTEN);
    for (const name of ["lower/.claude/hooks", "upper", "merged"])
      mkdirSync(host.path(name), { recursive: true });
    host.write("lower/.claude/settings.json", "{}\n");
    host.write("lower/.claude/hooks/guard.sh", "exit 2\n");
    host.write("lower/.claude/hooks/touched.sh", "exit 2\n");
    const home = host.path("merged");
    const upper = host.path("upper");
    const layers = `lowerdir=${host.path("lower")},upperdir=${upper}/up,workdir=${upper}/work`;
    const mount = `mount -t tmpfs none ${upper} && mkdir ${upper}/up ${upper}/work &&
      mount -t overlay overlay -o ${layers} ${home} && exec "$@"`;
    const agent = await host.start({
      under: [...APART, "/bin/sh", "-c", mount, "sh"],
      env: {
        HOME: home,
        SIGIL_POLICY: host.policy,
        SIGIL_STATE_DB: host.stateDb,
        SIGIL_EVENTS_DIR: host.spool,
      },
    });
    const [settings, touched] = [
      `${home}/.claude/settings.json`,
      `${home}/.claude/hooks/touched.sh`,
    ];
    await agent.saw(touched);
    const before = agent.of(touched).length;
    inside(agent, "touch", "-a", touched);
    write(agent, settings, "edited\n");
    const event = await agent.saw(settings, has("edited\n"));
    expect(event.evidence.evidence_quality).not.toBe("delayed");
    write(agent, settings, "edited again\n");
    await agent.saw(settings, has("edited again\n"));
    // A copy up is another file with the same contents. What tells it from one rewritten under its old times is how many
    // hints came: one is silent, two are a rewrite that says so. Other contents nobody may tell of.
    const told = agent.of(touched).slice(before);
    expect(told.length).toBeLessThan(2);
    for (const { evidence } of told) {
      const same = b3("exit 2\n");
      expect(evidence).toMatchObject({
        change_kind: "modified",
        before_hash: same,
        after_hash: same,
      });
      expect(evidence.evidence_quality).not.toBe("definitive");
    }
    // Below the mount, where nobody who watches it is told: the kernel calls that undefined, containers do it.
    const hook = `${home}/.claude/hooks/guard.sh`;
    write(agent, host.path("lower/.claude/hooks/guard.sh"), "exit 0 # below\n");
    await agent.saw(hook, has("exit 0 # below\n"));
  }, 90_000);
});
