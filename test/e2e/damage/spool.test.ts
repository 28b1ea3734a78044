import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { loadHasher } from "@sigil/ports/hash";
import { openProducer } from "@sigil/spool";
import { describe, expect, it } from "vitest";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy, type TestHost } from "../harness.ts";
import { LONG, seeded, show } from "../long.ts";
import { sigil } from "./binary.ts";

const NO_LIMIT_MS = 600_000;
const LINES = ["one", "two", "three", "four", "five"];
const FIRST = "00000000000000000001";
const SECOND = "00000000000000000004";

/** Lines 1–3 in a closed segment, 4–5 in one that was not closed. */
async function fill(dir: string): Promise<void> {
  const lock = { acquire: () => ({ release: () => undefined }) };
  const clock = { now: () => Date.UTC(2026, 0, 1) };
  const producer = await openProducer({ dir, hash: loadHasher(), lock, clock });
  await producer.append(LINES.slice(0, 3).map((text) => Buffer.from(text)));
  await producer.roll();
  await producer.append(LINES.slice(3).map((text) => Buffer.from(text)));
  const open = join(dir, "..", "open");
  cpSync(dir, open, { recursive: true });
  await producer.close();
  rmSync(dir, { recursive: true });
  cpSync(open, dir, { recursive: true });
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

async function exported(host: TestHost): Promise<readonly string[]> {
  const { stdout } = await sigil(host, ["spool", "export"]);
  return stdout.split("\n").filter((text) => text !== "");
}

describe("a byte of the spool that flipped", () => {
  it(
    "costs at most its own line, and verify and export say so",
    async () => {
      const host = createHost();
      await fill(host.spool);
      const parts = [`${FIRST}.jsonl`, `${FIRST}.idx`, `${FIRST}.manifest.json`];
      const names = [...parts, `${SECOND}.jsonl`, `${SECOND}.idx`, "durable.mark"];
      const places = names.flatMap((name) =>
        [...readFileSync(join(host.spool, name)).keys()].map((at) => ({ name, at })),
      );
      const random = seeded(5);
      const chosen = LONG ? places : places.filter(() => random() < 3 / places.length);
      let lost = 0;
      for (const { name, at } of chosen) {
        const path = join(host.spool, name);
        const sound = readFileSync(path);
        const damaged = Buffer.from(sound);
        damaged[at] = (damaged[at] ?? 0) ^ 0xff;
        writeFileSync(path, damaged);
        const [verified, lines] = await Promise.all([
          sigil(host, ["spool", "verify"]),
          exported(host),
        ]);
        expect(verified, `${name} ${at}`).toMatchObject({ code: 1, signal: null });
        const missing = LINES.filter((text) => !lines.includes(text)).length;
        expect(
          lines.filter((text) => !LINES.includes(text)),
          `${name} ${at}`,
        ).toEqual([]);
        const held = name.endsWith("manifest.json") || name === "durable.mark" ? 0 : 1;
        expect(missing, `${name} ${at}`).toBeLessThanOrEqual(held);
        lost += Math.max(0, missing - 1);
        writeFileSync(path, sound);
      }
      expect(await exported(host)).toEqual(LINES);
      show({ rounds: chosen.length, lost, did: { bytes: chosen.length } });
    },
    NO_LIMIT_MS,
  );
});

describe("a line of the spool that was changed", () => {
  it(
    "is given by no export, however often the spool is repaired, and verify goes on saying so",
    async () => {
      const host = createHost();
      await fill(host.spool);
      const sound = join(host.spool, "..", "sound");
      cpSync(host.spool, sound, { recursive: true });
      const places = readFileSync(join(sound, `${SECOND}.jsonl`)).length - 1;
      const chosen = LONG ? [...Array(places).keys()] : [2];
      let lost = 0;
      for (const at of chosen) {
        rmSync(host.spool, { recursive: true });
        cpSync(sound, host.spool, { recursive: true });
        flip(join(host.spool, `${SECOND}.jsonl`), at);
        const given = await exported(host);
        for (let round = 0; round < 2; round += 1) {
          expect(await sigil(host, ["spool", "repair"]), `byte ${at}`).toMatchObject({ code: 0 });
          const lines = await exported(host);
          expect(lines, `byte ${at}`).toEqual(given);
          lost += Math.max(0, LINES.length - 1 - lines.length);
        }
        // Between the lines stands the one byte that costs nothing.
        const code = given.length === LINES.length ? 0 : 1;
        if (code === 1) expect((await sigil(host, ["spool", "verify"])).code).toBe(1);
      }
      show({ rounds: chosen.length, lost, did: { repairs: chosen.length * 2 } });
    },
    NO_LIMIT_MS,
  );
});

describe("a file of 5 GB in the spool", () => {
  it(
    "takes bounded time and memory, costs no line, and the agent starts and records",
    async () => {
      // A closed segment of that size is over the hard limit: retention evicts it and counts it.
      const all = [`${SECOND}.jsonl`, `${SECOND}.idx`, "spool.json", "durable.mark"];
      const chosen = LONG ? [...all, `${FIRST}.manifest.json`] : all.slice(1, 2);
      let lost = 0;
      for (const name of chosen) {
        const host = createHost();
        await fill(host.spool);
        truncateSync(join(host.spool, name), 5 * 1024 ** 3);
        expect((await sigil(host, ["spool", "verify"])).signal, name).toBe(null);
        const agent = await host.start();
        await agent.saw(host.write(".claude/settings.json", "{}\n"));
        expect(await agent.stop(), name).toEqual({ code: 0, signal: null });
        const lines = await exported(host);
        lost += LINES.filter((text) => !lines.includes(text)).length;
      }
      show({ rounds: chosen.length, lost, did: { starts: chosen.length } });
      expect(lost).toBe(0);
    },
    NO_LIMIT_MS,
  );
});

/** What is done to a file of the spool while no agent runs. */
const DAMAGE: readonly (readonly [string, (path: string, outside: string) => void])[] = [
  ["removed", (path) => rmSync(path)],
  ["emptied", (path) => truncateSync(path, 0)],
  ["cut to half", (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2))],
  ["longer by garbage", (path) => appendFileSync(path, "\u001b[2J garbage")],
  ["changed in one byte", (path) => flip(path, path.endsWith(".idx") ? 4 : 0)],
  ["replaced by a pipe", (path) => (rmSync(path), execFileSync("mkfifo", [path]), undefined)],
  ["replaced by a link to a device", (path) => (rmSync(path), symlinkSync("/dev/zero", path))],
  ["replaced by a directory", (path) => (rmSync(path), mkdirSync(path), undefined)],
  ["replaced by a link", (path, outside) => (rmSync(path), symlinkSync(outside, path))],
];

describe("a damaged spool", () => {
  it(
    "does not keep the agent from starting and recording, is told, and nothing outside is touched",
    async () => {
      const files = [`${SECOND}.jsonl`, `${SECOND}.idx`, `${FIRST}.manifest.json`];
      const named = [...files, "spool.json", "durable.mark"];
      const all = named.flatMap((name) => DAMAGE.map(([what, act]) => ({ name, what, act })));
      const bounded = new Set([`${SECOND}.jsonl replaced by a link`, "spool.json cut to half"]);
      const chosen = all.filter(({ name, what }) => LONG || bounded.has(`${name} ${what}`));
      let lost = 0;
      for (const { name, what, act } of chosen) {
        const host = createHost();
        await fill(host.spool);
        const outside = host.write("outside", "precious\n");
        act(join(host.spool, name), outside);
        const agent = await host.start();
        const settings = host.write(".claude/settings.json", "{}\n");
        await agent.saw(settings).catch(() => (lost += 1));
        expect(await agent.stop(), `${name} ${what}`).toEqual({ code: 0, signal: null });
        expect(readFileSync(outside, "utf8")).toBe("precious\n");
        const texts = await exported(host);
        const kept = name.startsWith(SECOND) ? LINES.slice(0, 3) : LINES;
        for (const text of kept) expect(texts, `${name} ${what}`).toContain(text);
        expect(texts.some((text) => text.includes('"is_final":true'))).toBe(true);
        const isDamage =
          name !== "durable.mark" && !(what.startsWith("longer") && name !== "spool.json");
        if (isDamage && name !== `${FIRST}.manifest.json`)
          expect(texts.join("\n"), `${name} ${what}`).toContain("spool_corruption");
      }
      show({ rounds: chosen.length, lost, did: { starts: chosen.length } });
    },
    NO_LIMIT_MS,
  );

  it("tells what it found at the start even when it ends at once", async () => {
    const host = createHost();
    await fill(host.spool);
    rmSync(join(host.spool, "durable.mark"));
    mkdirSync(join(host.spool, "durable.mark"));
    await (await host.start()).stop();
    const { stdout } = await sigil(host, ["spool", "export"]);
    expect(stdout).toContain('"problem":"moved_aside"');
    expect(readdirSync(join(host.spool, "quarantine"))).toContain("durable.mark.moved");
  });
});

describe("a spool that was removed while the agent runs", () => {
  it("takes neither the status nor the end of the agent with it", async () => {
    const host = createHost();
    const agent = await host.start();
    rmSync(host.spool, { recursive: true });
    expect((await host.status()).pid).toBe(agent.child.pid);
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
  });

  it(
    "is told in the status, and nothing more goes into the removed files",
    async () => {
      const host = createHost();
      // No heartbeat comes meanwhile: the look alone must tell it.
      writePolicy(host, "settings: {spool: {look_ms: 100}, health: {heartbeat_s: 86400}}\n");
      const agent = await host.start();
      rmSync(host.spool, { recursive: true });
      const held = await eventually(async () => {
        const { conditions } = await host.status();
        return conditions.find(({ code }) => code === "spool-stalled");
      }, 600_000);
      expect(held.detail).toContain("ENOENT");
      const settings = host.write(".claude/settings.json", "{}\n");
      await eventually(async () => (await host.status()).queue_depth > 0, 60_000);
      // Only what is durable is printed.
      expect(agent.of(settings)).toEqual([]);
      // The end of an agent that cannot write is tested under crash: it waits its time for the disk.
    },
    NO_LIMIT_MS,
  );

  it(
    "loses no change that came after, and the next start tells that it is gone",
    async () => {
      const host = createHost();
      const first = await host.start();
      await first.saw(host.write(".claude/hooks/before", "before\n"));
      rmSync(host.spool, { recursive: true });
      const hook = host.write(".claude/hooks/after", "after\n");
      await eventually(async () => (await host.status()).queue_depth > 0, 60_000);
      expect(first.of(hook)).toEqual([]);
      expect(await first.stop()).toEqual({ code: 0, signal: null });
      const second = await host.start();
      await eventually(() => second.of(hook).length > 0);
      const gone = await eventually(() => ofKind(second.events, "spool_corruption").at(0));
      expect(gone.problem).toBe("spool_gone");
      show({ rounds: 1, lost: second.of(hook).length > 0 ? 0 : 1, did: { starts: 2 } });
    },
    NO_LIMIT_MS,
  );
});

/** What a sender that is not to be trusted may leave in the place of its checkpoint. */
const CLAIMS: readonly (readonly [string, (path: string, outside: string) => void])[] = [
  ["a pipe", (path) => void execFileSync("mkfifo", [path])],
  ["garbage", (path) => writeFileSync(path, "\u0000\u001b[2J".repeat(100))],
  ["immense", (path) => (writeFileSync(path, ""), truncateSync(path, 5 * 1024 ** 3))],
  ["a directory", (path) => (mkdirSync(path), undefined)],
  ["a link to a sound one elsewhere", (path, outside) => symlinkSync(outside, path)],
];

/** Waits until the agent says of the checkpoint that it is ignored, or no longer does. */
async function ignores(host: TestHost, wanted: boolean): Promise<void> {
  await eventually(async () => {
    const { conditions } = await host.status();
    return conditions.some(({ code }) => code === "checkpoint-ignored") === wanted;
  }, 600_000);
}

describe("a checkpoint of a hostile sender", () => {
  it(
    "is told whatever it is, and the agent goes on recording",
    async () => {
      for (const there of LONG ? CLAIMS : CLAIMS.slice(0, 1)) {
        const host = createHost();
        writePolicy(host, "settings: {spool: {look_ms: 100}}\n");
        const sender = host.path(".local/state/sigil/sender");
        const outside = host.write("outside", "{}");
        const path = join(sender, "checkpoint.json");
        mkdirSync(sender, { recursive: true });
        // One is there when the agent starts, the others come while it runs.
        there[1](path, outside);
        const agent = await host.start();
        for (const claim of [there, ...CLAIMS.filter((one) => one !== there)]) {
          const [what, make] = claim;
          if (claim !== there) make(path, outside);
          await ignores(host, true);
          await agent.saw(host.write(`.claude/commands/${what}.md`, "{}\n"));
          rmSync(path, { recursive: true });
          await ignores(host, false);
        }
        expect(await agent.stop(), there[0]).toEqual({ code: 0, signal: null });
      }
    },
    NO_LIMIT_MS,
  );

  it("ahead of what was written: nothing unconsumed is evicted for it, and it is told", async () => {
    const host = createHost();
    await fill(host.spool);
    const { spool_id } = JSON.parse(readFileSync(join(host.spool, "spool.json"), "utf8")) as {
      readonly spool_id: string;
    };
    const claim = { schema_version: 1, spool_id, sequence: 2 ** 51, updated_at: "2026-01-01" };
    host.write(".local/state/sigil/sender/checkpoint.json", JSON.stringify(claim));
    // Small enough that whatever counts as consumed goes at the first look.
    writePolicy(
      host,
      "settings:\n  spool:\n    soft_max_bytes: 4096\n    segment_max_bytes: 4096\n",
    );
    const agent = await host.start();
    const { conditions } = await host.status();
    expect(conditions.map(({ code }) => code)).toContain("checkpoint-ignored");
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    expect((await exported(host)).slice(0, LINES.length)).toEqual(LINES);
  });
});
