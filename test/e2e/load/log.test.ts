import { statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { lostBelow } from "../loss/count.ts";
import { during, expectUnharmed } from "./during.ts";
import { runScript } from "./program.ts";

const SECONDS = LONG ? 20 : 2;
const RATE_MIB = 50;

/** Appends 50 MiB a second, in pieces of 1 MiB. */
const WRITER = `
import { appendFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
const [file, seconds] = process.argv.slice(1);
const piece = Buffer.alloc(2 ** 20, "line of a log\\n");
const start = performance.now();
for (let index = 0; index < seconds * ${RATE_MIB}; index += 1) {
  appendFileSync(file, piece);
  await setTimeout(Math.max(0, start + (index * 1000) / ${RATE_MIB} - performance.now()));
}
`;

describe("a log that grows by 50 MB a second", () => {
  it.each([
    { tier: "standard", settings: "", atMost: 1 },
    { tier: "critical", settings: "", atMost: 3 },
    // Hashing in full what the policy allows: however often it changes, reading it has a share of the time, not all.
    // One try in a hundredth of the time stays below the bound on any machine that hashes less than 10 GB a second.
    {
      tier: "critical",
      settings: "hash: {max_bytes: 4000000000, attempts: 1, repeat_percent: 1}",
      atMost: 2,
    },
  ])(
    "under a $tier target ($settings) is not read over and over, and keeps no critical edit elsewhere waiting",
    async ({ tier, settings, atMost }) => {
      const host = createHost();
      const log = host.write("logs/app.log", "start\n");
      writePolicy(
        host,
        `targets: [{id: logs, description: x, tier: ${tier}, platform: any, paths: ["~/logs/**"], recursive: true}]\n` +
          `settings: {${settings}}\n`,
      );
      const agent = await host.start();
      const cost = await during(host, agent, () =>
        runScript(WRITER, [log, `${SECONDS}`], host.home),
      );
      const size = statSync(log).size / 2 ** 20;
      expect(cost.read_mib).toBeLessThan(atMost * size);
      const events = agent.of(log).length;
      expectUnharmed(agent, cost);
      const lost = lostBelow(agent, host.path(".claude")).length;
      show({ rounds: 1, lost, did: { mib: Math.round(size), events, ...cost } });

      // Cut short, as a log is when it is rotated: then it is small enough, and told as it is.
      host.write("logs/app.log", "rotated\n");
      const told = () =>
        agent.of(log).some(({ evidence }) => evidence.after_hash === b3("rotated\n"));
      // It may have to wait for the end of a rest: `rate.fold_max_ms`, one minute, at most.
      await eventually(told, 90_000);
    },
    600_000,
  );
});
