import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { isBaseline, makePlace, startAgent } from "./agent.ts";
import { hasPeer, missing, startInotifyWait } from "./peers.ts";
import { createProbe, keepWriting, listen, type Probe, type Sample } from "./probe.ts";
import { atMost, type Aim, type Bench, type Figure, type Report, type Size } from "./report.ts";
import { percentile, randomFrom } from "./stats.ts";

const WRITES: Readonly<Record<Size, number>> = { quick: 20, bounded: 500, full: 1000 };
const GAP_MS = { least: 50, most: 500 };
const NOISE_GAP_MS = 20;
const NOISE = `${JSON.stringify({ type: "assistant", text: "x".repeat(180) })}\n`;

interface Phase {
  readonly name: string;
  /** Appended to all through the phase; null: nothing. */
  readonly noise: string | null;
  readonly aims: Readonly<Record<"p50" | "p99", Aim | null>>;
}

interface Measured {
  readonly phase: Phase;
  readonly samples: readonly Sample[];
  readonly floors: readonly number[];
  readonly lost: number;
}

/** From the end of `write()` to the durable line of a critical file, the built-in policy in force. */
export const latency: Bench = {
  id: "latency",
  async run(size) {
    const place = makePlace();
    try {
      return await measure(size, place);
    } finally {
      place.remove();
    }
  },
};

async function measure(size: Size, place: ReturnType<typeof makePlace>): Promise<Report> {
  const home = place.dir("home");
  const guard = place.dir("home/guard");
  const tree = place.dir("home/tree");
  const probe = createProbe(guard);
  const agent = startAgent({ home, policy: place.file("policy.yaml", POLICY) });
  const off = listen(agent, probe);
  const floor = hasPeer("inotifywait")
    ? await startInotifyWait(guard, (name, at) => probe.floor(name, at))
    : null;
  const measured: Measured[] = [];
  try {
    await agent.event(isBaseline("bench-guard"));
    for (const phase of phases(guard, tree))
      measured.push(await run(phase, probe, writesOf(size, phase)));
  } finally {
    off();
    await floor?.close();
    await agent.stop();
  }
  return report(measured, floor === null);
}

const POLICY = `version: 1
targets:
  - { id: bench-guard, tier: critical, paths: ["~/guard"], recursive: true }
  - { id: bench-tree, tier: standard, paths: ["~/tree"], recursive: true }
`;

function phases(guard: string, tree: string): readonly Phase[] {
  const noisy = { p50: null, p99: atMost(450) };
  return [
    { name: "quiet", noise: null, aims: { p50: atMost(60), p99: atMost(150) } },
    {
      name: `a write every ${NOISE_GAP_MS} ms in the same directory`,
      noise: join(guard, "transcript.jsonl"),
      aims: noisy,
    },
    {
      name: `a write every ${NOISE_GAP_MS} ms in another watched tree`,
      noise: join(tree, "transcript.jsonl"),
      aims: noisy,
    },
  ];
}

function writesOf(size: Size, phase: Phase): number {
  return phase.noise === null || size !== "quick" ? WRITES[size] : WRITES.quick / 2;
}

async function run(phase: Phase, probe: Probe, writes: number): Promise<Measured> {
  const random = randomFrom(writes);
  const gap = () => GAP_MS.least + random() * (GAP_MS.most - GAP_MS.least);
  const { noise } = phase;
  const quiet =
    noise === null
      ? null
      : keepWriting(
          () => appendFileSync(noise, NOISE),
          () => NOISE_GAP_MS,
        );
  const all = Promise.withResolvers<void>();
  let left = writes;
  const stop = keepWriting(() => {
    probe.write();
    left -= 1;
    if (left === 0) all.resolve();
  }, gap);
  await all.promise;
  await stop();
  const { samples, lost } = await probe.finish();
  await quiet?.();
  return { phase, samples, lost, floors: probe.floors.splice(0) };
}

function report(measured: readonly Measured[], noFloor: boolean): Report {
  const counts = measured.map(({ samples, lost }) => samples.length + lost);
  const lost = measured.reduce((sum, one) => sum + one.lost, 0);
  const folded = measured.flatMap((one) => one.samples).filter((one) => one.folded).length;
  return {
    id: "latency",
    title: "Change → durable line, critical tier",
    figures: measured.flatMap(figures),
    notes: [
      `${counts.join(", ")} writes in the three phases, over 8 files, at random gaps of ${GAP_MS.least}–${GAP_MS.most} ms; ${lost} without a line, ${folded} in one line with the next write of the same file.`,
      "The agent waits 40 ms for a critical path to be quiet, 250 ms when it never is (`settle.critical_debounce_ms`, `settle.critical_max_wait_ms`): that time is in every figure, and `inotifywait` has none of it.",
      ...(noFloor ? [missing("inotifywait")] : []),
    ],
  };
}

function figures({ phase, samples, floors }: Measured): Figure[] {
  const times = samples.map((sample) => sample.ms);
  return ([0.5, 0.95, 0.99] as const).map((share) => {
    const name = `p${share * 100}` as "p50" | "p95" | "p99";
    const aim = name === "p95" ? null : phase.aims[name];
    return {
      what: `${phase.name}: ${name}`,
      value: percentile(times, share),
      unit: "ms",
      ...(floors.length > 0
        ? { peer: { what: "`inotifywait`", value: percentile(floors, share) } }
        : {}),
      ...(aim ? { aim } : {}),
    };
  });
}
