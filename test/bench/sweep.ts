import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  isBaseline,
  isKind,
  isSwept,
  makePlace,
  startAgent,
  type Agent,
  type Place,
} from "./agent.ts";
import { prepareAide } from "./aide.ts";
import { hasPeer, missing, quote, timeShell } from "./peers.ts";
import { memoryOf } from "./proc.ts";
import { createProbe, keepWriting, listen, type Probe } from "./probe.ts";
import { atMost, type Aim, type Bench, type Figure, type Report, type Size } from "./report.ts";
import { median, percentile } from "./stats.ts";
import { makeTree, type Tree } from "./tree.ts";

interface Amount {
  readonly files: number;
  readonly directories: number;
  /** First sweeps with each hasher, each with a fresh state. */
  readonly rounds: number;
  /** Sweeps that find nothing changed, with each hasher. */
  readonly again: number;
  /** From the first sweep to the second look at the memory. */
  readonly restMs: number;
}

const AMOUNTS: Readonly<Record<Size, Amount>> = {
  quick: { files: 2000, directories: 40, rounds: 1, again: 1, restMs: 1000 },
  bounded: { files: 50_000, directories: 500, rounds: 3, again: 5, restMs: 60_000 },
  full: { files: 50_000, directories: 500, rounds: 5, again: 10, restMs: 60_000 },
};
const HASHERS = ["native", "wasm"] as const;
type HasherName = (typeof HASHERS)[number];
const GAP_MS = 200;

interface Times {
  readonly first: number[];
  readonly second: number[];
  readonly duringFirst: number[];
  readonly duringSecond: number[];
}

interface PeerTimes {
  readonly b3sum: number[];
  readonly find: number[];
  readonly aideInit: number[];
  readonly aideCheck: number[];
}

interface Setting {
  readonly place: Place;
  readonly tree: Tree;
  readonly amount: Amount;
  lost: number;
  /** Resident memory right after the first sweep and a while later. MiB. */
  memory: { readonly after: number; readonly later: number } | null;
}

/** The first and the second sweep of many small files under a standard, recursive target. */
export const sweep: Bench = {
  id: "sweep",
  async run(size) {
    const place = makePlace();
    const amount = AMOUNTS[size];
    try {
      const tree = makeTree(join(place.root, "tree"), amount.files, amount.directories);
      return await measure({ place, tree, amount, lost: 0, memory: null });
    } finally {
      place.remove();
    }
  },
};

async function measure(setting: Setting): Promise<Report> {
  const { amount, place, tree } = setting;
  const peers: PeerTimes = { b3sum: [], find: [], aideInit: [], aideCheck: [] };
  const times = { native: noTimes(), wasm: noTimes() };
  const aide = hasPeer("aide") ? prepareAide(place.dir("aide"), tree.path) : null;
  // Once unmeasured, so that the first one measured finds a warm cache too.
  timeShell(`find ${quote(tree.path)} -type f -print0 | xargs -0 cat`);
  for (let round = 1; round <= amount.rounds; round += 1) {
    timePeers(tree, peers);
    if (aide) peers.aideInit.push(timeShell(aide.init));
    for (const hasher of HASHERS)
      await oneRound(setting, hasher, times[hasher], round === amount.rounds);
    if (aide) peers.aideCheck.push(timeShell(aide.check));
    timePeers(tree, peers);
  }
  return report(setting, times, peers);
}

function noTimes(): Times {
  return { first: [], second: [], duringFirst: [], duringSecond: [] };
}

function timePeers(tree: Tree, peers: PeerTimes): void {
  const at = quote(tree.path);
  if (hasPeer("b3sum"))
    peers.b3sum.push(
      timeShell(`find ${at} -type f -print0 | xargs -0 b3sum --num-threads 1 > /dev/null`),
    );
  peers.find.push(timeShell(`find ${at} -printf '%s %T@ %C@ %i\\n' > /dev/null`));
}

async function oneRound(
  setting: Setting,
  hasher: HasherName,
  times: Times,
  isLast: boolean,
): Promise<void> {
  const { place } = setting;
  const home = place.dir("home");
  const probe = createProbe(place.dir("home/guard"));
  const policy = place.file("policy.yaml", policyText(setting.tree, 600));
  const env = hasher === "wasm" ? { SIGIL_HASHER: "wasm" } : {};
  const agent = startAgent({ home, policy, env });
  const off = listen(agent, probe);
  try {
    await firstSweep(setting, agent, probe, times);
    if (isLast && hasher === "native") await restAfter(setting, agent);
    if (isLast) await secondSweeps(setting, agent, probe, times);
  } finally {
    off();
    await agent.stop();
    rmSync(home, { recursive: true });
  }
}

async function firstSweep(setting: Setting, agent: Agent, probe: Probe, times: Times) {
  const swept = agent.log(isSwept("start"));
  const recorded = agent.event(isBaseline("bench-tree"));
  // Said once the watchers are set: the sweep runs from here on.
  await agent.event(isKind("policy_applied"));
  const stop = keepWriting(
    () => probe.write(),
    () => GAP_MS,
  );
  const { line, at } = await swept;
  const started = at - (line.ms ?? 0);
  const done = (await recorded).at;
  await stop();
  times.first.push(done - started);
  times.duringFirst.push(...(await during(setting, probe, [[started, done]])));
}

async function secondSweeps(setting: Setting, agent: Agent, probe: Probe, times: Times) {
  const { place, tree, amount } = setting;
  place.file("policy.yaml", policyText(tree, 5));
  const again = agent.log(isSwept("policy"));
  agent.signal("SIGHUP");
  await again;
  const stop = keepWriting(
    () => probe.write(),
    () => GAP_MS,
  );
  const spans: [number, number][] = [];
  for (let count = 0; count < amount.again; count += 1) {
    const { line, at } = await agent.log(isSwept("interval"));
    times.second.push(line.ms ?? Number.NaN);
    spans.push([at - (line.ms ?? 0), at]);
  }
  await stop();
  times.duringSecond.push(...(await during(setting, probe, spans)));
}

/** Latencies of the changes that were made while a sweep ran. */
async function during(setting: Setting, probe: Probe, spans: readonly [number, number][]) {
  const { samples, lost } = await probe.finish();
  setting.lost += lost;
  return samples
    .filter(({ at }) => spans.some(([from, to]) => at >= from && at <= to))
    .map(({ ms }) => ms);
}

async function restAfter(setting: Setting, agent: Agent): Promise<void> {
  const after = memoryOf(agent.pid).rss;
  await sleep(setting.amount.restMs);
  setting.memory = { after, later: memoryOf(agent.pid).rss };
}

function policyText(tree: Tree, intervalSeconds: number): string {
  return `version: 1
targets:
  - { id: bench-guard, tier: critical, paths: ["~/guard"], recursive: true }
  - { id: bench-tree, tier: standard, paths: [${JSON.stringify(tree.path)}], recursive: true }
settings:
  sweep: { interval_s: ${intervalSeconds} }
`;
}

function report(
  setting: Setting,
  times: Readonly<Record<HasherName, Times>>,
  peers: PeerTimes,
): Report {
  const { tree, amount, memory } = setting;
  const size = `${tree.files.toLocaleString("en-US")} files, ${Math.round(tree.bytes / 1e6)} MB, ${tree.directories} directories`;
  const figures: Figure[] = [
    ...HASHERS.map((name) =>
      figure(
        `first sweep, ${name}`,
        times[name].first,
        ["`find … \\| xargs b3sum --num-threads 1`", peers.b3sum],
        atMost(name === "native" ? 3 : 4, "ratio"),
      ),
    ),
    ...HASHERS.map((name) =>
      figure(
        `second sweep, nothing changed, ${name}`,
        times[name].second,
        ["`find -printf '%s %T@ %C@ %i\\n'`", peers.find],
        atMost(4, "ratio"),
      ),
    ),
    ...HASHERS.flatMap((name) => [
      p99(`critical change during the first sweep, ${name}: p99`, times[name].duringFirst),
      p99(`critical change during the second sweep, ${name}: p99`, times[name].duringSecond),
    ]),
    ...(peers.aideInit.length > 0
      ? [
          figure("first sweep, native, beside AIDE", times.native.first, [
            "`aide --init`",
            peers.aideInit,
          ]),
          figure("second sweep, native, beside AIDE", times.native.second, [
            "`aide --check`",
            peers.aideCheck,
          ]),
        ]
      : []),
    ...memoryFigures(memory, amount),
  ];
  return { id: "sweep", title: `Sweeps: ${size}`, figures, notes: notes(setting, times) };
}

function figure(
  what: string,
  values: readonly number[],
  [peer, peerValues]: readonly [string, readonly number[]],
  aim?: Aim,
): Figure {
  return {
    what,
    value: median(values),
    unit: "ms",
    ...(peerValues.length > 0 ? { peer: { what: peer, value: median(peerValues) } } : {}),
    ...(aim ? { aim } : {}),
  };
}

function p99(what: string, values: readonly number[]): Figure {
  return { what, value: percentile(values, 0.99), unit: "ms", aim: atMost(300) };
}

function memoryFigures(memory: Setting["memory"], amount: Amount): Figure[] {
  if (!memory) return [];
  const rest = Math.round(amount.restMs / 1000);
  return [
    { what: "RSS right after the first sweep", value: memory.after, unit: "MiB", aim: atMost(130) },
    { what: `RSS ${rest} s later`, value: memory.later, unit: "MiB", aim: atMost(130) },
  ];
}

function notes(setting: Setting, times: Readonly<Record<HasherName, Times>>): string[] {
  const { amount } = setting;
  const count = (pick: (of: Times) => readonly number[]) =>
    HASHERS.map((name) => pick(times[name]).length).join(" and ");
  return [
    `Medians of ${amount.rounds} first sweeps (a fresh state each) and ${amount.again} second ones with each hasher, peers before and after each round, page cache warm. A first sweep ends when \`baseline_completed\` of its target is durable; a second one when it is compared.`,
    `One critical change every ${GAP_MS} ms: ${count((of) => of.duringFirst)} changes fell into first sweeps (native, wasm), ${count((of) => of.duringSecond)} into second ones; ${setting.lost} without a line.`,
    "The peers use one core; a first sweep uses up to two: one thread reads and hashes, the other compares and records.",
    ...(hasPeer("b3sum") ? [] : [missing("b3sum")]),
    ...(hasPeer("aide") ? [] : [missing("aide")]),
  ];
}
