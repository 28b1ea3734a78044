import { linkSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { cannot, createHost, eventually, writePolicy } from "../harness.ts";
import { has, last, OFTEN } from "./told.ts";

describe("a second name of a watched file", () => {
  it("in a directory that nobody watches: a write through it is found, as delayed", async () => {
    const host = createHost();
    writePolicy(host, OFTEN);
    const settings = host.write(".claude/settings.json", "{}\n");
    const agent = await host.start();
    await agent.saw(settings);
    await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
    host.write("outside/here", "");
    linkSync(settings, host.path("outside/second.json"));
    host.write("outside/second.json", "evil through the second name\n");
    const event = await agent.saw(settings, has("evil through the second name\n"));
    expect(event.evidence).toMatchObject({ change_kind: "modified", evidence_quality: "delayed" });
    host.write("outside/second.json", "and again\n");
    await agent.saw(settings, has("and again\n"));
  }, 60_000);

  it("in another watched directory: a write through one is told of both", async () => {
    const host = createHost();
    writePolicy(host, OFTEN);
    const hook = host.write(".claude/hooks/a.sh", "one\n");
    const agent = await host.start();
    await agent.saw(hook);
    host.write(".cursor/hooks.json", "{}\n");
    const other = host.path(".claude/hooks/b.sh");
    linkSync(hook, other);
    await agent.saw(other, has("one\n"));
    host.write(".claude/hooks/b.sh", "two\n");
    await agent.saw(other, has("two\n"));
    await agent.saw(hook, has("two\n"));
  }, 60_000);
});

describe("a file written through a memory map", () => {
  it("is found, though no watcher is told", async ({ skip }) => {
    const host = createHost();
    writePolicy(host, OFTEN);
    const settings = host.write(".claude/settings.json", "exit 2 and more\n");
    const agent = await host.start();
    await agent.saw(settings);
    await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
    const script = `
import mmap, os, sys
f = os.open(sys.argv[1], os.O_RDWR)
m = mmap.mmap(f, 0)
m[5:6] = b"0"
m.flush()
`;
    try {
      execFileSync("python3", ["-c", script, settings], { stdio: "ignore" });
    } catch {
      cannot(skip, "no Python, which maps files into memory");
    }
    await agent.saw(settings, has("exit 0 and more\n"));
  }, 60_000);
});

describe("a name that differs in case only", () => {
  it("is another name: the file moves there and back", async () => {
    const host = createHost();
    const lower = host.write(".claude/hooks/guard.sh", "exit 2\n");
    const upper = host.path(".claude/hooks/Guard.sh");
    const agent = await host.start();
    await agent.saw(lower);
    execFileSync("mv", [lower, upper]);
    await agent.saw(upper, has("exit 2\n"));
    // In one pass it is a rename; when the two hints come far apart, the old name is removed first.
    const left = last(agent, upper)?.rename_from ?? null;
    expect(left === lower || last(agent, lower)?.change_kind === "removed").toBe(true);
    execFileSync("mv", [upper, lower]);
    await eventually(() => ["renamed", "created"].includes(last(agent, lower)?.change_kind ?? ""));
  });
});
