import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "./digest.ts";
import { createHost, eventually } from "./harness.ts";

const hash = (contents: string) => (event: { evidence: { after_hash: string | null } }) =>
  event.evidence.after_hash === b3(contents);

describe("a home kept as dotfiles", () => {
  it("has edits behind a linked directory seen, through the link and at the real file", async () => {
    const host = createHost();
    host.write("dotfiles/claude/settings.json", "{}\n");
    host.write("dotfiles/claude/hooks/guard.sh", "exit 2\n");
    symlinkSync("dotfiles/claude", host.path(".claude"));
    const agent = await host.start();
    const settings = host.path(".claude/settings.json");
    const hook = host.path(".claude/hooks/guard.sh");
    expect((await agent.saw(settings)).evidence).toMatchObject({
      change_kind: "discovered",
      after_hash: b3("{}\n"),
    });

    host.write(".claude/settings.json", "through the link\n");
    await agent.saw(settings, hash("through the link\n"));
    host.write("dotfiles/claude/settings.json", "at the file\n");
    await agent.saw(settings, hash("at the file\n"));
    host.replace("dotfiles/claude/settings.json", "replaced\n");
    await agent.saw(settings, hash("replaced\n"));
    host.replace("dotfiles/claude/hooks/guard.sh", "exit 0\n");
    const event = await agent.saw(hook, hash("exit 0\n"));
    expect(event.target_id).toBe("claude-code-user-hooks");
  });

  it("has edits of a linked file seen, under the name a tool reads, with where the link leads", async () => {
    const host = createHost();
    const real = host.write("dotfiles/settings.json", "{}\n");
    mkdirSync(host.path(".claude"));
    symlinkSync("../dotfiles/settings.json", host.path(".claude/settings.json"));
    const agent = await host.start();
    const settings = host.path(".claude/settings.json");
    host.write("dotfiles/settings.json", "in place\n");
    const event = await agent.saw(settings, hash("in place\n"));
    expect(event.evidence.symlink_target).toBe("../dotfiles/settings.json");
    host.replace("dotfiles/settings.json", "replaced\n");
    await agent.saw(settings, hash("replaced\n"));
    expect(agent.of(real)).toEqual([]);
  });

  it("has a chain of links followed: a middle link that is swapped is a change of the file", async () => {
    const host = createHost();
    host.write("v1/settings.json", "one\n");
    host.write("v2/settings.json", "two\n");
    symlinkSync("v1", host.path("current"));
    mkdirSync(host.path(".claude"));
    symlinkSync(host.path("current/settings.json"), host.path(".claude/settings.json"));
    const agent = await host.start();
    const settings = host.path(".claude/settings.json");
    await agent.saw(settings, hash("one\n"));
    symlinkSync("v2", host.path("current.new"));
    renameSync(host.path("current.new"), host.path("current"));
    await agent.saw(settings, hash("two\n"));
  });
});

describe("a link that is swapped", () => {
  it("for another target is a modification, and the new target is watched from then on", async () => {
    const host = createHost();
    host.write("one.json", "one\n");
    host.write("two.json", "two\n");
    mkdirSync(host.path(".claude"));
    const settings = host.path(".claude/settings.json");
    symlinkSync("../one.json", settings);
    const agent = await host.start();
    symlinkSync("../two.json", host.path(".claude/settings.new"));
    renameSync(host.path(".claude/settings.new"), settings);
    expect((await agent.saw(settings, hash("two\n"))).evidence).toMatchObject({
      change_kind: "modified",
      before_hash: b3("one\n"),
      symlink_target: "../two.json",
    });
    host.write("two.json", "two, edited\n");
    await agent.saw(settings, hash("two, edited\n"));
  });

  it("of a whole directory has every difference below it told", async () => {
    const host = createHost();
    host.write("a/settings.json", "a\n");
    host.write("a/hooks/gone.sh", "gone\n");
    host.write("b/settings.json", "b\n");
    host.write("b/hooks/new.sh", "new\n");
    symlinkSync("a", host.path(".claude"));
    const agent = await host.start();
    await agent.saw(host.path(".claude/hooks/gone.sh"));
    // Swapped in one step, as `ln -sfn` on a temporary name and a rename do: there is no moment without a directory.
    symlinkSync("b", host.path("swap"));
    renameSync(host.path("swap"), host.path(".claude"));
    const last = (name: string) => agent.of(host.path(name)).at(-1)?.evidence;
    await eventually(() => last(".claude/settings.json")?.after_hash === b3("b\n"));
    await eventually(() => last(".claude/hooks/new.sh")?.after_hash === b3("new\n"));
    await eventually(() => last(".claude/hooks/gone.sh")?.change_kind === "removed");
    host.write("b/hooks/new.sh", "newer\n");
    await eventually(() => last(".claude/hooks/new.sh")?.after_hash === b3("newer\n"));
  });

  it("for a real directory has what the link led to told as gone", async () => {
    const host = createHost();
    host.write("a/hooks/gone.sh", "gone\n");
    host.write("staged/hooks/new.sh", "new\n");
    symlinkSync("a", host.path(".claude"));
    const agent = await host.start();
    await agent.saw(host.path(".claude/hooks/gone.sh"));
    rmSync(host.path(".claude"));
    renameSync(host.path("staged"), host.path(".claude"));
    const last = (name: string) => agent.of(host.path(name)).at(-1)?.evidence;
    await eventually(() => last(".claude/hooks/new.sh")?.after_hash === b3("new\n"));
    await eventually(() => last(".claude/hooks/gone.sh")?.change_kind === "removed");
  });

  it("that replaces a hooks directory is followed", async () => {
    const host = createHost();
    host.write(".claude/hooks/guard.sh", "exit 2\n");
    host.write("evil/guard.sh", "exit 0\n");
    const agent = await host.start();
    rmSync(host.path(".claude/hooks"), { recursive: true });
    symlinkSync("../evil", host.path(".claude/hooks"));
    const hook = host.path(".claude/hooks/guard.sh");
    await eventually(() => agent.of(hook).at(-1)?.evidence.after_hash === b3("exit 0\n"));
    host.write("evil/guard.sh", "exit 0 # again\n");
    await agent.saw(hook, hash("exit 0 # again\n"));
  });

  it("to nothing, or in a circle, is told and does not stop the agent", async () => {
    const host = createHost();
    const settings = host.write(".claude/settings.json", "{}\n");
    const local = host.write(".claude/settings.local.json", "{}\n");
    const agent = await host.start();
    rmSync(settings);
    symlinkSync("nowhere.json", settings);
    rmSync(local);
    symlinkSync("settings.local.json", local);
    const last = (path: string) => agent.of(path).at(-1)?.evidence;
    await eventually(() => last(settings)?.symlink_target === "nowhere.json");
    expect(last(settings)?.after_hash).toBeNull();
    await eventually(() => last(local)?.symlink_target === "settings.local.json");
    expect(last(local)).toMatchObject({ after_hash: null, evidence_quality: "incomplete" });
    const made = host.write(".claude/nowhere.json", "now there\n");
    expect(made).toBeDefined();
    await agent.saw(settings, hash("now there\n"));
  });
});
