import { spawnSync } from "node:child_process";
import { BIN, cleanEnv, isKind, makePlace, startAgent } from "./agent.ts";
import { atMost, type Bench, type Figure, type Size } from "./report.ts";
import { median } from "./stats.ts";

const ROUNDS: Readonly<Record<Size, number>> = { quick: 5, bounded: 21, full: 51 };

/** Wall time of short commands, beside a script that does nothing. */
export const startup: Bench = {
  id: "startup",
  async run(size) {
    const place = makePlace();
    try {
      const home = place.dir("home");
      const empty = place.file("empty.mjs", "");
      const time = (args: readonly string[]) => wall([BIN, "--mode", "user", ...args], home);
      const times: Record<"empty" | "version" | "doctor", number[]> = {
        empty: [],
        version: [],
        doctor: [],
      };
      const doctor = hasDoctor(home);
      await liveOnce(home);
      for (let round = 0; round < ROUNDS[size]; round += 1) {
        times.empty.push(wall([empty], home));
        times.version.push(time(["version"]));
        if (doctor) times.doctor.push(time(["doctor"]));
      }
      return {
        id: "startup",
        title: "Short commands",
        figures: figures(times),
        notes: [
          `Medians of ${ROUNDS[size]}, in turn, process start to exit; \`doctor\` on a home whose agent has run and ended.`,
        ],
      };
    } finally {
      place.remove();
    }
  },
};

/** Leaves a spool and a state behind, as on any host where the agent has run. */
async function liveOnce(home: string): Promise<void> {
  const agent = startAgent({ home });
  await agent.event(isKind("baseline_completed"));
  await agent.stop();
}

/** Wall milliseconds of one run, whatever its exit code: `doctor` has findings on most machines. */
function wall(args: readonly string[], home: string): number {
  const start = performance.now();
  spawnSync(process.execPath, args, { cwd: home, env: cleanEnv(home), stdio: "ignore" });
  return performance.now() - start;
}

function hasDoctor(home: string): boolean {
  const options = { cwd: home, env: cleanEnv(home), encoding: "utf8" } as const;
  return /^ +doctor\b/m.test(spawnSync(process.execPath, [BIN, "--help"], options).stdout);
}

function figures(times: Readonly<Record<"empty" | "version" | "doctor", readonly number[]>>) {
  const found: Figure[] = [
    {
      what: "`sigil version`",
      value: median(times.version),
      unit: "ms",
      peer: { what: "an empty Node script", value: median(times.empty) },
      aim: atMost(2, "ratio"),
    },
    { what: "`sigil doctor`", value: median(times.doctor), unit: "ms", aim: atMost(500) },
  ];
  return found;
}
