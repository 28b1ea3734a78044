import { Worker } from "node:worker_threads";
import type { PathKey } from "@sigil/core/plain";
import type { Observation } from "../pipeline/observe.ts";
import type { Finding, FromWorker, SweepTotals, ToWorker, WorkerPlan } from "./finding.ts";

/** The thread that walks and hashes, so that neither delays a change. Started when needed, ended when idle. */
export interface SweepClient {
  setPlan(plan: WorkerPlan): void;
  /**
   * Walks roots. `onFindings` is awaited before more than a few batches are under way.
   * @param first indexes of all roots without a baseline
   */
  sweep(
    roots: readonly number[],
    first: readonly number[],
    onFindings: (findings: readonly Finding[]) => Promise<void>,
  ): Promise<SweepTotals>;
  /** Observes one large file. */
  observe(path: PathKey, root: number): Promise<Observation>;
  /** Tells a running sweep to stop; it ends with `aborted`. */
  abort(): void;
  close(): Promise<void>;
}

interface Job {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly onFindings?: (findings: readonly Finding[]) => Promise<void>;
}

const IDLE_MS = 20_000;

export function createSweepClient(initial: WorkerPlan): SweepClient {
  const jobs = new Map<number, Job>();
  let plan = initial;
  let worker: Worker | null = null;
  let nextId = 1;
  let idle: NodeJS.Timeout | undefined;

  function start(): Worker {
    const name = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
    const started = new Worker(new URL(name, import.meta.url), { name: "sigil-sweep" });
    started.on("message", (message: FromWorker) => void receive(started, message));
    started.on("error", (error) =>
      failAll(started, error instanceof Error ? error : new Error(String(error))),
    );
    started.on("exit", () => failAll(started, new Error("the sweep thread ended")));
    tell(started, { op: "plan", plan });
    return started;
  }

  function failAll(which: Worker, error: Error): void {
    if (worker !== which) return;
    worker = null;
    for (const job of jobs.values()) job.reject(error);
    jobs.clear();
  }

  async function receive(from: Worker, message: FromWorker): Promise<void> {
    const job = jobs.get(message.id);
    if (message.op === "findings") {
      await job
        ?.onFindings?.(message.findings)
        .catch((error: Error) => finish(message.id, () => job.reject(error)));
      tell(from, { op: "credit", id: message.id });
      return;
    }
    finish(message.id, () => {
      if (message.op === "failed") job?.reject(new Error(message.message));
      else if (message.op === "swept") job?.resolve(message.totals as never);
      else job?.resolve(message.observation as never);
    });
  }

  function finish(id: number, settle: () => void): void {
    jobs.delete(id);
    settle();
    if (jobs.size === 0) idle = setTimeout(() => void stop(), IDLE_MS).unref();
  }

  async function stop(): Promise<void> {
    const ending = worker;
    if (!ending || jobs.size > 0) return;
    worker = null;
    await ending.terminate();
  }

  function request<T>(make: (id: number) => ToWorker, onFindings?: Job["onFindings"]): Promise<T> {
    clearTimeout(idle);
    worker ??= start();
    const id = nextId;
    nextId += 1;
    const target = worker;
    return new Promise<T>((resolve, reject) => {
      jobs.set(id, { resolve, reject, ...(onFindings ? { onFindings } : {}) });
      tell(target, make(id));
    });
  }

  return {
    setPlan(next) {
      plan = next;
      if (worker) tell(worker, { op: "plan", plan });
    },
    sweep: (roots, first, onFindings) =>
      request((id) => ({ op: "sweep", id, roots, first }), onFindings),
    observe: (path, root) => request((id) => ({ op: "observe", id, path, root })),
    abort() {
      for (const [id, job] of jobs) if (job.onFindings && worker) tell(worker, { op: "abort", id });
    },
    async close() {
      clearTimeout(idle);
      const ending = worker;
      if (ending) failAll(ending, new Error("closing"));
      await ending?.terminate();
    },
  };
}

function tell(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
