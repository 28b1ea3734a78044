import { mkdirSync, renameSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "./digest.ts";
import { eventsOf, fileEvents, type FileEvent } from "./events.ts";
import { createHost, eventually, writePolicy } from "./harness.ts";

function now(hash: string): (event: FileEvent) => boolean {
  return ({ evidence }) => evidence.after_hash === hash;
}

describe("a root that is absent", () => {
  it("is watched as soon as it appears: mkdir -p, then a write at once", async () => {
    const host = createHost();
    writePolicy(
      host,
      `targets:
  - {id: deep, tier: critical, recursive: true, paths: ["~/a/b/c/guard"]}
  - {id: tree, tier: standard, paths: ["~/x/y/z/tree/**"]}
`,
    );
    const agent = await host.start();
    const critical = host.write("a/b/c/guard/one/two/three/hook.sh", "1\n");
    const standard = host.write("x/y/z/tree/one/two/three/note.md", "2\n");
    expect(await agent.saw(critical)).toMatchObject({
      target_id: "deep",
      evidence: { change_kind: "created", after_hash: b3("1\n") },
    });
    expect(await agent.saw(standard)).toMatchObject({
      target_id: "tree",
      evidence: { change_kind: "created", after_hash: b3("2\n") },
    });
    // And it stays watched: no sweep is due for minutes.
    host.write("a/b/c/guard/one/two/three/hook.sh", "3\n");
    host.write("x/y/z/tree/one/two/three/note.md", "4\n");
    expect((await agent.saw(critical, now(b3("3\n")))).evidence.change_kind).toBe("modified");
    expect((await agent.saw(standard, now(b3("4\n")))).evidence.change_kind).toBe("modified");
  });

  it("is found again after it was removed and made anew", async () => {
    const host = createHost();
    const file = host.write(".cursor/mcp.json", "1\n");
    const agent = await host.start();
    for (let round = 2; round < 5; round += 1) {
      rmSync(host.path(".cursor"), { recursive: true });
      await eventually(() => agent.of(file).at(-1)?.evidence.change_kind === "removed");
      host.write(".cursor/mcp.json", `${round}\n`);
      await eventually(() => agent.of(file).at(-1)?.evidence.after_hash === b3(`${round}\n`));
    }
  });
});

describe("a populated directory", () => {
  it.each([
    ["critical", ".claude/hooks"],
    ["standard", ".claude/skills"],
  ])("that is moved into a %s target is seen file by file", async (_tier, base) => {
    const host = createHost();
    mkdirSync(host.path(base), { recursive: true });
    const agent = await host.start();
    for (let index = 0; index < 20; index += 1)
      host.write(`staged/pack/level/f${index}`, `${index}\n`);
    renameSync(host.path("staged/pack"), host.path(`${base}/pack`));
    for (let index = 0; index < 20; index += 1) {
      const path = host.path(`${base}/pack/level/f${index}`);
      const event = await agent.saw(path);
      expect(event.evidence).toMatchObject({
        change_kind: "created",
        after_hash: b3(`${index}\n`),
      });
    }
    const inner = host.write(`${base}/pack/level/later`, "later\n");
    await agent.saw(inner);
    await agent.stop();
    const all = fileEvents(await host.events()).filter(
      ({ subject }) => subject.kind === "path" && subject.value.includes("/pack/"),
    );
    expect(all).toHaveLength(21);
  });

  it.each([
    ["critical", ".claude/hooks"],
    ["standard", ".claude/skills"],
  ])("that is moved out of a %s target has each of its files removed", async (_tier, base) => {
    const host = createHost();
    const files = [1, 2, 3].map((index) => host.write(`${base}/pack/level/f${index}`, "x\n"));
    const agent = await host.start();
    renameSync(host.path(`${base}/pack`), host.path("elsewhere"));
    for (const file of files)
      await agent.saw(file, ({ evidence }) => evidence.change_kind === "removed");
  });

  it("that is renamed within a target carries its files along", async () => {
    const host = createHost();
    const before = host.write(".claude/hooks/old/f", "x\n");
    const agent = await host.start();
    renameSync(host.path(".claude/hooks/old"), host.path(".claude/hooks/new"));
    const after = host.path(".claude/hooks/new/f");
    expect((await agent.saw(after)).evidence).toMatchObject({
      change_kind: "renamed",
      rename_from: before,
      after_hash: b3("x\n"),
    });
    await agent.stop();
    expect(eventsOf(await host.events(), after)).toHaveLength(1);
    expect(eventsOf(await host.events(), before).map((one) => one.evidence.change_kind)).toEqual([
      "discovered",
    ]);
  });

  it("of a whole tool renamed away has its files removed, and back again created", async () => {
    const host = createHost();
    const settings = host.write(".claude/settings.json", "{}\n");
    const hook = host.write(".claude/hooks/a.sh", "x\n");
    const agent = await host.start();
    renameSync(host.path(".claude"), host.path("parked"));
    const last = (path: string) => agent.of(path).at(-1)?.evidence.change_kind;
    await eventually(() => last(settings) === "removed" && last(hook) === "removed");
    renameSync(host.path("parked"), host.path(".claude"));
    await eventually(() => last(settings) === "created" && last(hook) === "created");
    host.write(".claude/hooks/a.sh", "y\n");
    await agent.saw(hook, ({ evidence }) => evidence.after_hash === b3("y\n"));
  });
});
