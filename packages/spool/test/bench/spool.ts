/**
 * How fast the spool is, on real files in a temporary directory; one JSON object on stdout.
 * Run: node --conditions=@sigil/source packages/spool/test/bench/spool.ts [--gib 1] [--seconds 3]
 * The hash is SHA-256 from node:crypto, which stands in for BLAKE3.
 */
import { createHash, hash as hashOnce } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  nodeFiles,
  openConsumer,
  openProducer,
  tailSpool,
  verifySpool,
  type Producer,
  type SpoolFiles,
  type SpoolHandle,
  type SpoolHash,
} from "../../src/index.ts";

const LINE_BYTES = 600;
const MIB = 1024 * 1024;

const { values } = parseArgs({
  options: { gib: { type: "string", default: "1" }, seconds: { type: "string", default: "3" } },
});

const sha256: SpoolHash = {
  digest: (bytes) => hashOnce("sha256", bytes, "buffer"),
  create: () => {
    const hasher = createHash("sha256");
    return { update: (bytes) => void hasher.update(bytes), digest: () => hasher.digest() };
  },
};

const lock = { acquire: () => ({ release: () => {} }) };
const clock = { now: () => Date.now() };
const ports = { hash: sha256, lock, clock };
const root = mkdtempSync(join(tmpdir(), "spool-bench-"));

function makeLines(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => Buffer.from(`${at}`.padEnd(LINE_BYTES, "x")));
}

async function timed<T>(work: () => Promise<T>): Promise<[ms: number, result: T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

/** Events a second with `callers` appends of `group` lines in flight. */
async function appendRate(group: number, callers: number) {
  const dir = join(root, `append-${group}-${callers}`);
  const producer = await openProducer({ dir, ...ports });
  const lines = makeLines(group);
  const latencies: number[] = [];
  const until = performance.now() + Number(values.seconds) * 1000;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < until) {
        const [ms] = await timed(async () => await producer.append(lines));
        latencies.push(ms);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const events = producer.lastSequence;
  await producer.close();
  rmSync(dir, { recursive: true });
  latencies.sort((a, b) => a - b);
  const at = (share: number) => round(latencies[Math.floor(latencies.length * share)] ?? 0);
  return {
    group,
    callers,
    line_bytes: LINE_BYTES,
    events_per_s: Math.round(events / seconds),
    append_p50_ms: at(0.5),
    append_p99_ms: at(0.99),
  };
}

async function fill(producer: Producer, bytes: number): Promise<void> {
  const lines = makeLines(4096);
  const wanted = Math.ceil(bytes / (LINE_BYTES + 1));
  for (let done = 0; done < wanted; done += lines.length) await producer.append(lines);
}

/** What a killed process leaves open is closed here, or the garbage collector would complain. */
const left = new Set<SpoolHandle>();

function track(handle: SpoolHandle): SpoolHandle {
  left.add(handle);
  const close = async () => {
    left.delete(handle);
    await handle.close();
  };
  return { ...handle, close };
}

const mortalFiles: SpoolFiles = {
  ...nodeFiles,
  openRead: async (path) => track(await nodeFiles.openRead(path)),
  openWrite: async (path) => track(await nodeFiles.openWrite(path)),
  create: async (path) => track(await nodeFiles.create(path)),
};

async function kill(): Promise<void> {
  for (const handle of left) await handle.close();
  left.clear();
}

/** Opening a backlog after a kill (the last segment is recovered) and after a clean stop. */
async function openCost(name: string, bytes: number) {
  const dir = join(root, name);
  const open = async () => await openProducer({ dir, files: mortalFiles, ...ports });
  await fill(await open(), bytes);
  await kill();
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const killed: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const [ms] = await timed(open);
    killed.push(ms);
    await kill();
  }
  const growth = process.memoryUsage().rss - before;
  await (await open()).close();
  const clean: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const [ms, producer] = await timed(open);
    clean.push(ms);
    await producer.close();
  }
  return { dir, killed: median(killed), clean: median(clean), growth_mib: round(growth / MIB) };
}

function median(values_: number[]): number {
  return round(values_.toSorted((a, b) => a - b)[Math.floor(values_.length / 2)] ?? 0);
}

async function readRate(dir: string) {
  const checkpointDir = join(root, "consumer");
  const consumer = await openConsumer({ dir, checkpointDir, ...ports });
  const [ms, events] = await timed(async () => {
    let count = 0;
    for (;;) {
      const batch = await consumer.read({ maxLines: 5000 });
      if (batch.last < batch.first || count > 500_000) return count;
      count += batch.lines.length;
      await consumer.ack(batch.last);
    }
  });
  await consumer.close();
  return Math.round(events / (ms / 1000));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

try {
  const append = [];
  for (const [group, callers] of [
    [1, 1],
    [1, 512],
    [512, 1],
    [512, 4],
    [2048, 2],
  ] as const) {
    append.push(await appendRate(group, callers));
  }
  const small = await openCost("small", MIB);
  const large = await openCost("large", Number(values.gib) * 1024 * MIB);
  const [tailMs] = await timed(async () => await tailSpool(large.dir, 20, { hash: sha256 }));
  const readPerSecond = await readRate(large.dir);
  const [verifyMs, report] = await timed(
    async () => await verifySpool(large.dir, { hash: sha256 }),
  );
  const result = {
    node: process.version,
    append,
    open_after_kill_ms_1mb: small.killed,
    open_after_kill_ms_1gb: large.killed,
    open_ms_1mb: small.clean,
    open_ms_1gb: large.clean,
    open_rss_growth_mib_1mb: small.growth_mib,
    open_rss_growth_mib_1gb: large.growth_mib,
    tail_20_ms: round(tailMs),
    read_events_per_s: readPerSecond,
    verify_mib_per_s: Math.round(report.bytes / MIB / (verifyMs / 1000)),
    verify_ok: report.faults_total === 0,
    backlog_gib: Number(values.gib),
    rss_mib: Math.round(process.memoryUsage().rss / MIB),
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
