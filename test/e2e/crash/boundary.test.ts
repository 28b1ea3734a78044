import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createHost, eventually, type Agent, type Ended, type TestHost } from "../harness.ts";
import { LONG, seeded, show } from "../long.ts";
import { checkSpool } from "./lost.ts";
import { needStrace, ONE_THREAD, strace } from "./strace.ts";

/** What the spool and the state do to a disk. Just before a call is just after the one before it. */
const CALLS = {
  spool: ["fsync", "pwrite64", "fdatasync", "rename", "unlink", "ftruncate"],
  state: ["pwrite64", "fsync", "unlink", "ftruncate"],
} as const;

/** No run makes more of one call than this. */
const MOST = 200;

/** Every file that the next run may touch. */
async function files(host: TestHost, area: keyof typeof CALLS): Promise<string[]> {
  if (area === "state") return ["", "-wal", "-shm", "-journal"].map((end) => host.stateDb + end);
  const known = existsSync(join(host.spool, "spool.json")) ? await host.events() : [];
  const next = known.length + 1;
  const stem = String(next).padStart(20, "0");
  const names = ["spool.json", ".spool.json.tmp", "durable.mark"];
  for (const part of ["jsonl", "idx", "manifest.json"]) names.push(`${stem}.${part}`);
  if (existsSync(host.spool)) names.push(...readdirSync(host.spool));
  const temporary = names
    .filter((name) => name.endsWith("manifest.json"))
    .map((name) => `.${name}.tmp`);
  return ["", ...new Set([...names, ...temporary])].map((name) => join(host.spool, name));
}

/** One life: changes from before it, changes while it watches, and an orderly end if it comes to that. */
async function live(host: TestHost, agent: Agent, round: string): Promise<Ended> {
  let ended: Ended | null = null;
  void agent.ended.then((how) => (ended = how));
  const over = () => ended !== null;
  await eventually(() => agent.log().includes('"msg":"watching"') || over(), 60_000);
  const path = host.write(`.claude/hooks/${round}`, "while it runs\n");
  host.replace(".claude/settings.json", JSON.stringify({ round }));
  await eventually(() => agent.of(path).length > 0 || over(), 60_000);
  agent.child.kill("SIGTERM");
  return agent.ended;
}

/** Kills a run before its nth call. @returns false when it did not come to so many */
async function killAt(
  host: TestHost,
  area: keyof typeof CALLS,
  call: string,
  nth: number,
): Promise<boolean> {
  const round = `${area}-${call}-${nth}`;
  host.write(".claude/settings.local.json", JSON.stringify({ before: round }));
  host.write(`.claude/hooks/${round}-before`, "from before it ran\n");
  const paths = await files(host, area);
  const under = strace({ paths, calls: [call], inject: `signal=KILL:when=${nth}` });
  const agent = await host.start({ ready: false, under, env: ONE_THREAD });
  const how = await live(host, agent, round);
  if (how.signal === null) expect(how, agent.log()).toEqual({ code: 0, signal: null });
  await expectAcknowledged(host, agent, round);
  return how.signal === "SIGKILL";
}

/** @returns how many lives were killed, the last of which made no such call any more */
async function killAtEach(host: TestHost, area: keyof typeof CALLS, call: string): Promise<number> {
  let nth = 1;
  while (nth <= MOST && (await killAt(host, area, call, nth))) nth += 1;
  return nth - 1;
}

/** Before one of its calls, an earlier one when a life makes fewer. */
async function killOnce(
  host: TestHost,
  area: keyof typeof CALLS,
  call: string,
  random: () => number,
): Promise<number> {
  // A directory is synced once, when the first segment is made; a life that gets past it makes no such call again.
  const most = call === "fsync" ? 1 : 8;
  for (let nth = 1 + Math.floor(random() * most); nth >= 1; nth = Math.floor(nth / 2))
    if (await killAt(host, area, call, nth)) return 1;
  return 0;
}

/** What an agent printed was durable: it is in the spool for good. */
async function expectAcknowledged(host: TestHost, agent: Agent, round: string): Promise<void> {
  if (agent.events.length === 0) return;
  const kept = new Set((await host.events()).map(({ event_id }) => event_id));
  const missing = agent.events.filter(({ event_id }) => !kept.has(event_id));
  expect(missing, round).toEqual([]);
}

async function expectNothingLost(host: TestHost): Promise<number> {
  await (await host.start()).stop();
  return checkSpool(host.spool, host.path(".claude"));
}

describe("kill -9 before each call that reaches the disk", () => {
  for (const area of ["spool", "state"] as const) {
    it(
      `of the ${area} loses nothing, and what was printed stays`,
      async ({ skip }) => {
        needStrace(skip);
        const host = createHost();
        // A place that is not there yet cannot be traced.
        mkdirSync(host.spool, { recursive: true, mode: 0o700 });
        const random = seeded(5);
        let kills = 0;
        let lost = 0;
        // From an empty disk on: the first call of each kind is one that makes the files.
        for (const call of LONG ? CALLS[area] : CALLS[area].slice(0, 3)) {
          kills += await (LONG ? killAtEach(host, area, call) : killOnce(host, area, call, random));
          if (LONG) lost += await expectNothingLost(host);
        }
        lost += await expectNothingLost(host);
        show({ rounds: kills, lost, did: { kills } });
        expect(kills).toBeGreaterThanOrEqual(area === "spool" ? 3 : 2);
      },
      LONG ? 900_000 : 120_000,
    );
  }
});
