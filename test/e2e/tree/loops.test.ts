import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { fileEvents, ofKind } from "../events.ts";
import { createHost, writePolicy, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { untold } from "../loss/count.ts";
import { factsOf } from "../proc.ts";

const LINKS = LONG ? 1000 : 200;
/** Links of each of so many directories lead to all others: followed as they come, the ways are without number. */
const FAN = LONG ? 20 : 10;

function link(target: string, path: string): void {
  symlinkSync(target, path);
}

/** Every way of leading a walk in circles, below one directory. */
function tangle(host: TestHost, at: string): void {
  const directory = host.path(at);
  mkdirSync(`${directory}/real`, { recursive: true });
  writeFileSync(`${directory}/real/file.md`, "x\n");
  link("b", `${directory}/a`);
  link("a", `${directory}/b`);
  link(".", `${directory}/dot`);
  link("..", `${directory}/above`);
  link(directory, `${directory}/real/back`);
  for (let index = 0; index < LINKS; index += 1) link("real", `${directory}/to-real-${index}`);
  link("real/file.md", `${directory}/chain-0`);
  for (let hop = 1; hop < 45; hop += 1) link(`chain-${hop - 1}`, `${directory}/chain-${hop}`);
  for (let from = 0; from < FAN; from += 1) {
    mkdirSync(`${directory}/fan-${from}`);
    for (let to = 0; to < FAN; to += 1) link(`../fan-${to}`, `${directory}/fan-${from}/to-${to}`);
  }
}

describe("links that lead in circles", () => {
  it("are walked in bounded steps, below critical and standard targets, and hide no edit", async () => {
    const host = createHost();
    const settings = host.write(".claude/settings.json", "{}\n");
    tangle(host, ".claude/hooks");
    tangle(host, ".claude/skills");
    const agent = await host.start();
    const { watched_directories: watches } = await host.status();
    // Each of the directories by its name and by few links, whatever the number of links.
    expect(watches).toBeLessThan(2 * (FAN + 3) * 10);
    expect(ofKind(agent.events, "watcher_degraded")).toEqual([]);
    const paths = new Set(
      fileEvents(agent.events).map(({ subject }) => (subject.kind === "path" ? subject.value : "")),
    );
    const most = 2 * (LINKS + 45 + FAN * FAN) * 4;
    expect(paths.size).toBeLessThan(most);
    host.write(".claude/settings.json", "edited\n");
    await agent.saw(settings, ({ evidence }) => evidence.after_hash === b3("edited\n"));
    const script = host.write(".claude/hooks/real/file.md", "edited too\n");
    await agent.saw(script, ({ evidence }) => evidence.after_hash === b3("edited too\n"));
    const written = new Map([
      [settings, "edited\n"],
      [script, "edited too\n"],
    ]);
    show({
      rounds: 1,
      lost: untold({ events: await host.events() }, written).length,
      did: { links: 2 * (LINKS + 45 + FAN * FAN), watches, told: paths.size },
    });
  }, 600_000);
});

describe("a link to the root of the filesystem", () => {
  it("costs bounded watches and memory, reads nothing the kernel makes up, and hides no edit", async () => {
    const host = createHost();
    const settings = host.write(".claude/settings.json", "{}\n");
    host.write(".claude/hooks/check.sh", "x\n");
    link("/", host.path(".claude/hooks/root"));
    writePolicy(host, "settings: {sweep: {max_entries: 3000}, watch: {max_shallow: 400}}\n");
    const agent = await host.start();
    host.write(".claude/settings.json", "edited\n");
    const edit = await agent.saw(
      settings,
      ({ evidence }) => evidence.after_hash === b3("edited\n"),
    );
    expect(edit.evidence.evidence_quality).not.toBe("delayed");
    const kernel = fileEvents(agent.events).filter(
      ({ subject, evidence }) =>
        subject.kind === "path" &&
        /\/hooks\/root\/(?:proc|sys|dev)\//.test(subject.value) &&
        evidence.after_hash !== null,
    );
    expect(kernel.slice(0, 3)).toEqual([]);
    const { peak, descriptors } = factsOf(agent.child.pid as number);
    expect((await host.status()).watched_directories).toBeLessThanOrEqual(500);
    const lost = untold({ events: await host.events() }, new Map([[settings, "edited\n"]])).length;
    show({ rounds: 1, lost, did: { events: agent.events.length, peak_mib: peak, descriptors } });
  }, 600_000);

  it("to what the kernel makes up is told as a link, and nothing behind it is read", async () => {
    const host = createHost();
    host.write(".claude/hooks/check.sh", "x\n");
    for (const [name, target] of [
      ["proc", "/proc/self"],
      ["sys", "/sys/kernel"],
      ["one", "/proc/self/status"],
      ["root", "/proc/self/root/proc/self"],
    ])
      link(target as string, host.path(`.claude/hooks/${name as string}`));
    const agent = await host.start();
    const hooks = fileEvents(agent.events).filter(
      ({ subject }) =>
        subject.kind === "path" && subject.value.startsWith(host.path(".claude/hooks/")),
    );
    const names = hooks.map(({ subject }) => (subject.kind === "path" ? subject.value : ""));
    expect(names.map((name) => name.slice(host.path(".claude/hooks/").length)).sort()).toEqual([
      "check.sh",
      "one",
      "proc",
      "root",
      "sys",
    ]);
    expect(hooks.filter(({ evidence }) => evidence.after_hash !== null)).toHaveLength(1);
  });
});
