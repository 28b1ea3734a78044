import { describe, expect, it } from "vitest";
import { eventually } from "../harness.ts";
import { createFleet } from "./fleet.ts";
import { LONG, show, tell } from "../long.ts";
import { expectCleanLedger } from "./load.ts";
import type { Program } from "./program.ts";
import { arrived, countLost, expectExactlyOnce, storedCount } from "./stored.ts";

const MIB = 1024 * 1024;
const SOAK_MS = LONG ? 600_000 : 20_000;
/** What a process may hold more at the end than in the first third: SQLite's page caches go on filling (cache_bytes). */
const GROWTH = 64 * MIB;
const MOST = 300 * MIB;

describe("under load for a long time", () => {
  it(
    "no process grows, and everything arrives",
    async () => {
      const fleet = await createFleet();
      const host = fleet.host("h1");
      host.configure({ heartbeat_s: 5 });
      const server = await fleet.serve();
      const filler = host.fill.start({ append: 50, pause_ms: LONG ? 50 : 20 });
      const sender = host.send();
      const agent = await fleet.host("h2").watch();
      const memories = [server, sender, agent].map((program) => sampled(program));
      const until = performance.now() + SOAK_MS;
      let changes = 0;
      await eventually(() => {
        for (const memory of memories) memory.sample();
        changes += 1;
        fleet.host("h2").write(`.claude/hooks/f${changes % 20}.sh`, `${changes}\n`);
        return performance.now() >= until;
      }, SOAK_MS * 2);
      await filler.stop();
      await arrived(host);
      const events = await expectExactlyOnce(host);
      await expectCleanLedger(host, events);
      expect(storedCount(fleet.db, "h1", "sender")).toBeGreaterThan(0);
      for (const memory of memories) {
        const { name, early, late, peak } = memory.figures();
        tell(`${name}: ${mib(early)} at first, ${mib(late)} at the end, at most ${mib(peak)} MiB`);
        expect(late - early).toBeLessThan(GROWTH);
        expect(peak).toBeLessThan(MOST);
      }
      const did = { seconds: SOAK_MS / 1000, events, changes };
      show({ rounds: 1, lost: await countLost(host), did });
    },
    SOAK_MS * 2 + 60_000,
  );
});

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}

/** Collects the resident memory of a process. */
function sampled(program: Program) {
  const samples: number[] = [];
  return {
    sample: () => void samples.push(program.memory()),
    figures() {
      expect(program.over()).toBeNull();
      const third = Math.floor(samples.length / 3);
      return {
        name: program.name,
        early: Math.max(...samples.slice(0, third)),
        late: median(samples.slice(-third)),
        peak: Math.max(...samples),
      };
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
