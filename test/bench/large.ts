import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isBaseline, isSwept, makePlace, startAgent, type Place } from "./agent.ts";
import { hasPeer, missing, quote, timeShell } from "./peers.ts";
import { atMost, type Bench, type Figure, type Report, type Size } from "./report.ts";
import { median, randomFrom } from "./stats.ts";

const MIB = 1024 * 1024;
const MEBIBYTES: Readonly<Record<Size, number>> = { quick: 64, bounded: 1024, full: 1024 };
const ROUNDS: Readonly<Record<Size, number>> = { quick: 1, bounded: 5, full: 9 };
const DEBOUNCE_MS = 40;

interface Times {
  readonly change: number[];
  readonly peer: number[];
  readonly first: number;
}

/** One large file, one byte of it changed at a time. */
export const large: Bench = {
  id: "large",
  async run(size) {
    const place = makePlace();
    try {
      const file = makeFile(place, MEBIBYTES[size]);
      const native = await measure(place, file, ROUNDS[size], {});
      const wasm = await measure(place, file, 1, { SIGIL_HASHER: "wasm" });
      return report(MEBIBYTES[size], native, wasm);
    } finally {
      place.remove();
    }
  },
};

function makeFile(place: Place, mebibytes: number): string {
  const file = join(place.dir("big"), "model.bin");
  const random = randomFrom(mebibytes);
  const block = Buffer.from(Uint8Array.from({ length: MIB }, () => random() * 256));
  const descriptor = openSync(file, "w");
  for (let index = 0; index < mebibytes; index += 1) {
    block.writeUInt32LE(index);
    writeSync(descriptor, block);
  }
  closeSync(descriptor);
  return file;
}

async function measure(
  place: Place,
  file: string,
  rounds: number,
  env: Record<string, string>,
): Promise<Times> {
  const home = place.dir(`home-${Object.keys(env).length}`);
  const policy = place.file("policy.yaml", policyText(file));
  timeShell(`cat ${quote(file)}`);
  const agent = startAgent({ home, policy, env });
  const times: Times & { first: number } = { change: [], peer: [], first: Number.NaN };
  try {
    const baseline = agent.event(isBaseline("bench-large"));
    times.first = (await agent.log(isSwept("start"))).line.ms ?? Number.NaN;
    await baseline;
    for (let round = 1; round <= rounds; round += 1) {
      if (hasPeer("b3sum")) times.peer.push(timeShell(`b3sum --num-threads 1 ${quote(file)}`));
      const told = agent.event(({ target_id }) => target_id === "bench-large");
      const start = change(file, round);
      times.change.push((await told).at - start);
    }
  } finally {
    await agent.stop();
  }
  return times;
}

/** @returns monotonic milliseconds at the end of `write()` */
function change(file: string, round: number): number {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, Buffer.from([round]), 0, 1, 4096 * round);
  const at = performance.now();
  closeSync(descriptor);
  return at;
}

function policyText(file: string): string {
  return `version: 1
targets:
  - { id: bench-large, tier: critical, paths: [${JSON.stringify(file)}] }
settings:
  hash: { max_bytes: ${2048 * MIB}, repeat_percent: 100 }
`;
}

function report(mebibytes: number, native: Times, wasm: Times): Report {
  const peer =
    native.peer.length > 0
      ? { peer: { what: "`b3sum --num-threads 1`", value: median(native.peer) } }
      : {};
  const changed: Figure = {
    what: "a byte changed → durable line, native",
    value: median(native.change),
    unit: "ms",
    ...peer,
    aim: atMost(1.3, "ratio"),
  };
  return {
    id: "large",
    title: `One file of ${mebibytes} MiB`,
    figures: [
      changed,
      {
        ...without(changed),
        what: `the same less ${DEBOUNCE_MS} ms of quiet time`,
        value: changed.value - DEBOUNCE_MS,
      },
      {
        ...without(changed),
        what: "first sweep with nothing else to read, native",
        value: native.first,
      },
      {
        ...without(changed),
        what: "a byte changed → durable line, wasm",
        value: median(wasm.change),
      },
    ],
    notes: [
      `Medians of ${native.change.length} (wasm: 1), page cache warm, \`hash.max_bytes\` raised by policy. \`b3sum\` maps the file; the agent reads it, so that a file truncated meanwhile cannot end it.`,
      ...(native.peer.length > 0 ? [] : [missing("b3sum")]),
    ],
  };
}

function without({ aim: _aim, ...figure }: Figure): Figure {
  return figure;
}
