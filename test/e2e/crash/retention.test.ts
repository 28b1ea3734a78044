import { readdirSync } from "node:fs";
import { join } from "node:path";
import { verifySpool } from "@sigil/spool";
import type { SigilEvent } from "@sigil/core";
import { describe, expect, it } from "vitest";
import { spoolHash } from "../digest.ts";
import { lastStates, treeStates } from "../events.ts";
import { createHost, eventually, writePolicy, type Agent, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { claim } from "./claim.ts";
import { needStrace, ONE_THREAD, strace } from "./strace.ts";

/** Everything that was shipped is deleted as soon as its segment is closed. */
const POLICY = "settings: {spool: {soft_max_bytes: 4096}}\n";

const ROUNDS = LONG ? 8 : 1;
const CALLS = ["unlink", "fsync"] as const;

/** One life that sees a change. @returns what it printed */
async function live(host: TestHost, what: string, agent: Agent): Promise<readonly SigilEvent[]> {
  let over = false;
  void agent.ended.then(() => (over = true));
  const path = host.write(".claude/hooks/run.sh", `${what}\n`);
  await eventually(() => agent.of(path).length > 0 || over, 60_000);
  agent.child.kill("SIGTERM");
  await agent.ended;
  return agent.events;
}

/** Every name that retention may remove, and their directory. */
function shippedFiles(host: TestHost): string[] {
  return [host.spool, ...readdirSync(host.spool).map((name) => join(host.spool, name))];
}

async function sound(host: TestHost): Promise<number> {
  const { faults, last_sequence } = await verifySpool(host.spool, { hash: spoolHash });
  expect(faults).toEqual([]);
  return last_sequence ?? 0;
}

describe("kill -9 while retention deletes what was shipped", () => {
  it.for(LONG ? CALLS : CALLS.slice(0, 1))(
    "before each %s loses nothing that was not shipped, and leaves a sound spool",
    { timeout: LONG ? 300_000 : 90_000 },
    async (call, { skip }) => {
      needStrace(skip);
      const host = createHost();
      writePolicy(host, POLICY);
      let kills = 0;
      const lost: string[] = [];
      for (let nth = 1; nth <= ROUNDS; nth += 1) {
        for (const what of ["older", "newer"])
          await live(host, `${what} ${nth}`, await host.start());
        claim(host, await sound(host));
        const inject = `signal=KILL:when=${nth}`;
        const under = strace({ paths: shippedFiles(host), calls: [call], inject });
        const killed = await host.start({ under, env: ONE_THREAD, ready: false });
        const printed = [...(await live(host, `killed ${nth}`, killed))];
        if ((await killed.ended).signal === "SIGKILL") kills += 1;
        printed.push(...(await live(host, `after ${nth}`, await host.start())));
        await sound(host);
        const events = await host.events();
        const kept = new Set(events.map(({ event_id }) => event_id));
        lost.push(...printed.map(({ event_id }) => event_id).filter((id) => !kept.has(id)));
        const told = lastStates(events, host.path(".claude/hooks"));
        expect(told).toEqual(treeStates(host.path(".claude/hooks")));
      }
      show({ rounds: ROUNDS, lost: lost.length, did: { kills } });
      expect(lost).toEqual([]);
      expect(kills).toBeGreaterThan(0);
    },
  );
});
