import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { b3, spoolHash } from "../digest.ts";
import { eventsOf } from "../events.ts";
import { cannot, createHost, eventually, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { lostBelow } from "../loss/count.ts";
import { has, last } from "./told.ts";

const SETTINGS = ".claude/settings.json";

/** Makes a special file; false where this user may not. */
function make(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("a special file in place of the settings", () => {
  it("(a pipe, a socket, a device that never ends, a directory) is told, read never, and its end is told", async ({
    skip,
  }) => {
    const host = createHost();
    const settings = host.write(SETTINGS, "{}\n");
    mkdirSync(host.path("staged"));
    const at = (name: string) => host.path(`staged/${name}`);
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((done) => server.listen(at("socket"), done));
    if (!make("mknod", at("zero"), "c", "1", "5") || !make("mknod", at("disk"), "b", "7", "99"))
      cannot(skip, "this user may not make devices");
    expect(make("mkfifo", at("pipe"))).toBe(true);
    const agent = await host.start();
    await agent.saw(settings);
    const names = ["pipe", "socket", "zero", "disk"];
    const rounds = LONG ? 25 : 2;
    for (let round = 0; round < rounds; round += 1) {
      for (const name of names) {
        renameSync(at(name), settings);
        await eventually(() => {
          expect(last(agent, settings), name).toMatchObject({
            after_hash: null,
            evidence_quality: "incomplete",
          });
          return true;
        });
        renameSync(settings, at(name));
        host.write(SETTINGS, `${name} ${round}\n`);
        await agent.saw(settings, has(`${name} ${round}\n`));
      }
      rmSync(settings);
      host.write(`${SETTINGS}/inside.json`, "{}\n");
      await eventually(() => last(agent, settings)?.change_kind === "removed");
      rmSync(settings, { recursive: true });
      host.write(SETTINGS, `after the directory ${round}\n`);
      await agent.saw(settings, has(`after the directory ${round}\n`));
    }
    const lost = lostBelow(agent, host.path(".claude")).length;
    show({ rounds, lost, did: { swaps: rounds * (names.length + 1) } });
  }, 600_000);
});

const GIB = 1024 ** 3;
const CHUNK = Buffer.alloc(1024 * 1024);

/** What so many zeros hash to, computed apart from the agent. */
function zeros(bytes: number): string {
  const hashing = spoolHash.create();
  for (let left = bytes; left > 0; left -= CHUNK.length) hashing.update(CHUNK);
  return `blake3:${Buffer.from(hashing.digest()).toString("hex")}`;
}

describe("a sparse file of 5 GB", () => {
  it("among the hooks is told as too large and not read; cut, it is read", async () => {
    const host = createHost();
    host.write(".claude/hooks/guard.sh", "exit 2\n");
    const agent = await host.start();
    const big = host.write(".claude/hooks/big", "");
    truncateSync(big, 5 * GIB);
    const small = host.write(".claude/hooks/small", "beside it\n");
    await agent.saw(small, has("beside it\n"));
    await eventually(() => last(agent, big)?.size_after === 5 * GIB);
    expect(last(agent, big)).toMatchObject({ after_hash: null, evidence_quality: "incomplete" });
    truncateSync(big, 0);
    await agent.saw(big, has(""));
  });

  it("under a raised cap is hashed, keeps no critical edit waiting, and an agent that must end does", async () => {
    const host = createHost();
    writePolicy(host, `settings: {hash: {max_bytes: ${6 * GIB}}}\n`);
    host.write(".claude/hooks/guard.sh", "0\n");
    const agent = await host.start();
    const size = LONG ? 5 * GIB : GIB / 2;
    const big = host.write("staged", "");
    truncateSync(big, size);
    renameSync(big, host.path(".claude/hooks/big"));
    const path = host.path(".claude/hooks/big");
    const edits: number[] = [];
    for (let edit = 1; last(agent, path)?.after_hash === undefined; edit += 1) {
      host.write(".claude/hooks/guard.sh", `${edit}\n`);
      await agent.saw(host.path(".claude/hooks/guard.sh"), has(`${edit}\n`));
      edits.push(agent.of(path).length);
    }
    expect(last(agent, path)).toMatchObject({ after_hash: zeros(size), size_after: size });
    // The first one at least was told while the large file was still being read.
    const during = edits.filter((told) => told === 0).length;
    expect(during).toBeGreaterThan(0);
    // Read again from the start each time it changes: who goes on changing it must not keep the agent from ending.
    const touching = spawn("sh", ["-c", 'while touch "$1"; do :; done', "sh", path], {
      stdio: "ignore",
    });
    onTestFinished(() => void touching.kill("SIGKILL"));
    host.write(".claude/hooks/guard.sh", "last\n");
    await agent.saw(host.path(".claude/hooks/guard.sh"), has("last\n"));
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    const guard = eventsOf(await host.events(), host.path(".claude/hooks/guard.sh"));
    const told = new Set(guard.map(({ evidence }) => evidence.after_hash));
    const lost = edits.filter((_, index) => !told.has(b3(`${index + 1}\n`))).length;
    show({ rounds: 1, lost, did: { bytes: size, "edits meanwhile": during } });
  }, 600_000);
});

describe("names of every kind at once", () => {
  it("(255 bytes, every byte there is, directories that are not UTF-8) are told, changed and gone, each by its bytes", async () => {
    const host = createHost();
    mkdirSync(host.path(".claude/hooks"), { recursive: true });
    const agent = await host.start();
    const hooks = Buffer.from(`${host.path(".claude/hooks")}/`);
    const names: Buffer[] = [Buffer.alloc(255, "g"), Buffer.alloc(254, "é")];
    for (let byte = 1; byte < 256; byte += 1)
      if (byte !== 0x2f) names.push(Buffer.from([0x62, byte, 0x2e]));
    const directory = Buffer.concat([hooks, Buffer.from([0x64, 0xff, 0x0a, 0x1b])]);
    mkdirSync(directory);
    names.push(Buffer.from([0x64, 0xff, 0x0a, 0x1b, 0x2f, 0xfe]));
    const paths = names.map((name) => Buffer.concat([hooks, name]));
    const told = () => {
      const states = new Map<string, string | null>();
      for (const { subject, evidence } of agent.events) {
        if (evidence.kind !== "file_change" || subject.kind !== "path") continue;
        const bytes = subject.raw_base64 ?? Buffer.from(subject.value).toString("base64");
        states.set(bytes, evidence.change_kind === "removed" ? null : evidence.after_hash);
      }
      return states;
    };
    const all = async (contents: string | null) => {
      const hash = contents === null ? null : b3(contents);
      await eventually(() => {
        const states = told();
        const missing = paths.filter((path) => states.get(path.toString("base64")) !== hash);
        expect(missing.map((path) => path.toString("latin1"))).toEqual([]);
        return true;
      }, 600_000);
    };
    for (const path of paths) writeFileSync(path, "one\n");
    await all("one\n");
    for (const path of paths) writeFileSync(path, "two\n");
    await all("two\n");
    for (const path of paths) rmSync(path);
    await all(null);
    const states = told();
    const lost = paths.filter((path) => states.get(path.toString("base64")) !== null).length;
    show({ rounds: 1, lost, did: { names: paths.length } });
  }, 600_000);
});
