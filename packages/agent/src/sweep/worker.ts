import { setImmediate as breathe, setTimeout as sleep } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { createMatcher, messageOf } from "@sigil/core/plain";
import { loadHasher } from "@sigil/ports/hash";
import { keepApart } from "../fs/apart.ts";
import { observeAside } from "../pipeline/observe.ts";
import { openStateReadOnly, type Db } from "../state/database.ts";
import type { Finding, FromWorker, ToWorker, WorkerPlan } from "./finding.ts";
import { openKnownPaths } from "./known.ts";
import { buffersOf, createRowPacker, type PlainRows } from "./rows.ts";
import { sweep, type SweepContext } from "./sweep.ts";

/** Batches on their way to the main thread before the sweep waits for it. */
const OUTSTANDING = 8;
/** Work between two looks at the messages: a large file asked for meanwhile waits no longer than this. */
const SLICE_MS = 8;

interface Loaded {
  readonly plan: WorkerPlan;
  readonly context: Omit<SweepContext, "known">;
}

const port = parentPort;
let loaded: Loaded | null = null;
let credit = OUTSTANDING;
let wake: (() => void) | null = null;
const aborted = new Set<number>();

function send(message: FromWorker): void {
  port?.postMessage(message);
}

function load(plan: WorkerPlan): Loaded {
  const hasher = loadHasher(plan.hasher);
  keepApart(plan.own);
  const linkOwners = plan.linkOwners.map((owners) => (owners === null ? null : new Set(owners)));
  const matcher = createMatcher(plan.roots, plan.platform);
  return {
    plan,
    context: { roots: plan.roots, matcher, hasher, linkOwners, settings: plan.settings },
  };
}

async function runSweep(message: Extract<ToWorker, { op: "sweep" }>): Promise<void> {
  if (!loaded) throw new Error("no plan");
  const db = openStateReadOnly(loaded.plan.stateDb);
  if (!db) throw new Error("no state database");
  try {
    await pump(loaded, db, message);
  } finally {
    db.close();
    aborted.delete(message.id);
  }
}

async function pump(
  on: Loaded,
  db: Db,
  message: Extract<ToWorker, { op: "sweep" }>,
): Promise<void> {
  const { settings } = on.plan;
  const totals = {
    entries: 0,
    directories: 0,
    hashedBytes: 0,
    truncated: [] as number[],
    aborted: false,
  };
  let batch: Finding[] = [];
  const packer = createRowPacker(settings.sweep.batch);
  let sliceStart = performance.now();
  const context = { ...on.context, known: openKnownPaths(db) };
  const { roots, first, strays } = message;
  for (const step of sweep(context, { roots, first: new Set(first), strays })) {
    if (step.kind === "finding") batch.push(step.finding);
    else if (step.kind === "plain") {
      packer.add(step);
      totals.entries += 1;
      totals.hashedBytes += Number(step.stat.size);
    } else if (step.kind === "directory") totals.directories += 1;
    else if (step.kind === "truncated") totals.truncated.push(step.root);
    else if (step.kind === "entry") {
      totals.entries += 1;
      totals.hashedBytes += step.hashed;
    }
    if (batch.length + packer.size >= settings.sweep.batch) {
      await deliver(message.id, batch, packer.take());
      batch = [];
    }
    const worked = performance.now() - sliceStart;
    if (worked >= SLICE_MS) {
      await rest(worked, settings.limits.cpu_percent);
      await reading;
      sliceStart = performance.now();
    }
    if (aborted.has(message.id)) {
      totals.aborted = true;
      break;
    }
  }
  if (batch.length + packer.size > 0) await deliver(message.id, batch, packer.take());
  send({ op: "swept", id: message.id, totals });
}

/** Gives other messages their turn, and the processor back when the sweep may not have all of it. */
async function rest(workedMs: number, percent: number): Promise<void> {
  const pause = workedMs * (100 / percent - 1);
  if (pause >= 1) await sleep(pause);
  else await breathe();
}

async function deliver(
  id: number,
  findings: readonly Finding[],
  rows: PlainRows | null,
): Promise<void> {
  while (credit <= 0) await new Promise<void>((resolve) => (wake = resolve));
  credit -= 1;
  port?.postMessage(
    { op: "findings", id, findings, rows } satisfies FromWorker,
    rows === null ? [] : buffersOf(rows),
  );
}

/** Large files one after another; a sweep rests meanwhile, so that each is read at full speed. */
let reading: Promise<unknown> = Promise.resolve();

function observeLarge(message: Extract<ToWorker, { op: "observe" }>): Promise<void> {
  const done = reading.then(() => observeOne(message));
  reading = done.catch(() => undefined);
  return done;
}

async function observeOne(message: Extract<ToWorker, { op: "observe" }>): Promise<void> {
  if (!loaded) throw new Error("no plan");
  const { context, plan } = loaded;
  const observation = await observeAside(message.path, {
    follow: context.matcher.match(message.path)?.followSymlinks ?? true,
    hasher: context.hasher,
    linkOwners: context.linkOwners[message.root] ?? null,
    maxBytes: plan.settings.hash.max_bytes,
    attempts: plan.settings.hash.attempts,
    inlineMaxBytes: plan.settings.hash.max_bytes,
  });
  send({ op: "observed", id: message.id, observation });
}

async function handle(message: ToWorker): Promise<void> {
  try {
    switch (message.op) {
      case "plan":
        loaded = load(message.plan);
        break;
      case "sweep":
        await runSweep(message);
        break;
      case "observe":
        await observeLarge(message);
        break;
      case "credit":
        credit += 1;
        wake?.();
        wake = null;
        break;
      case "abort":
        aborted.add(message.id);
        break;
    }
  } catch (error) {
    send({ op: "failed", id: "id" in message ? message.id : -1, message: messageOf(error) });
  }
}

port?.on("message", (message: ToWorker) => void handle(message));
