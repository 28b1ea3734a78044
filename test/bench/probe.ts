import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadHasher } from "@sigil/ports/hash";
import { toDigest } from "@sigil/core/plain";
import type { Agent } from "./agent.ts";

const FILES = 8;
/** A change without its line after so long counts as lost. */
const LOST_MS = 15_000;
const SIZE = 1500;

/** One write and what became of it. Times are monotonic milliseconds. */
export interface Sample {
  /** When `write()` had returned. */
  readonly at: number;
  /** Until the durable line of this content, or of a later one of the same file, could be read. */
  readonly ms: number;
  /** True when the line showed a later content: both writes were one change. */
  readonly folded: boolean;
}

interface Waiting {
  readonly at: number;
  readonly digest: string;
  readonly resolve: (sample: Sample | null) => void;
}

/** Changes files in one directory and times how long each change takes to become a durable line. */
export interface Probe {
  /** Writes once; the change is timed in the background. */
  write(): void;
  /** Everything written so far, once its line has come or it counts as lost. */
  finish(): Promise<{ samples: Sample[]; lost: number }>;
  /** Tells of a durable line: its path, the digest in it, and when it could be read. */
  arrived(path: string, digest: string, at: number): void;
  /** Tells of a line of another program about a file of this directory: the floor. */
  floor(name: string, at: number): void;
  readonly floors: number[];
}

const hasher = loadHasher();

/** The files are made here, so that the agent knows them before they change. */
export function createProbe(directory: string): Probe {
  const files = Array.from({ length: FILES }, (_, index) => join(directory, `probe-${index}.json`));
  for (const file of files) writeFileSync(file, "{}\n");
  const waiting = new Map<string, Waiting[]>(files.map((file) => [file, []]));
  const last = new Map<string, number>();
  const floors: number[] = [];
  const results: Promise<Sample | null>[] = [];
  let count = 0;

  function write(): void {
    const file = files[count % FILES] as string;
    const content = Buffer.from(`{"change":${count}}`.padEnd(SIZE));
    const digest = toDigest(hasher.digest(content));
    count += 1;
    const descriptor = openSync(file, "w");
    writeSync(descriptor, content);
    const at = performance.now();
    closeSync(descriptor);
    last.set(basename(file), at);
    const { promise, resolve } = Promise.withResolvers<Sample | null>();
    waiting.get(file)?.push({ at, digest, resolve });
    results.push(Promise.race([promise, sleep(LOST_MS, null, { ref: false })]));
  }

  function arrived(path: string, digest: string, at: number): void {
    const queue = waiting.get(path);
    const index = queue?.findIndex((one) => one.digest === digest) ?? -1;
    if (!queue || index < 0) return;
    queue
      .splice(0, index + 1)
      .forEach((one, position) =>
        one.resolve({ at: one.at, ms: at - one.at, folded: position < index }),
      );
  }

  return {
    write,
    arrived,
    floors,
    floor(name, at) {
      const start = last.get(name);
      if (start === undefined) return;
      last.delete(name);
      floors.push(at - start);
    },
    async finish() {
      const all = await Promise.all(results.splice(0));
      const samples = all.filter((sample) => sample !== null);
      return { samples, lost: all.length - samples.length };
    },
  };
}

/** Feeds a probe with the agent's lines. @returns stops feeding */
export function listen(agent: Agent, probe: Probe): () => void {
  return agent.onEvent(({ subject, evidence }, at) => {
    if (evidence.kind === "file_change" && subject.value && evidence.after_hash)
      probe.arrived(subject.value, evidence.after_hash, at);
  });
}

/** Writes at a steady or random gap until told to stop. @returns stops, resolves when the last write is done */
export function keepWriting(act: () => void, gapMs: () => number): () => Promise<void> {
  let on = true;
  const done = (async () => {
    while (on) {
      await sleep(gapMs());
      if (on) act();
    }
  })();
  return async () => {
    on = false;
    await done;
  };
}
