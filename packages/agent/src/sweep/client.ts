import { Worker } from "node:worker_threads";
import type { PathKey } from "@sigil/core/plain";
import { whileItLasts } from "../frugal.ts";
import type { Observation } from "../pipeline/observe.ts";
import type { FromWorker, OnFindings, SweepTotals, ToWorker, WorkerPlan } from "./finding.ts";

interface Job {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly onFindings?: OnFindings;
  /** What has been received so far, handled one after another. */
  tail: Promise<void>;
}

const IDLE_MS = 20_000;

export function createSweepClient(plan: WorkerPlan): SweepClient {
  return new SweepClient(plan);
}

/** The thread that walks and hashes, so that neither delays a change. Started when needed, ended when idle. */
export class SweepClient {
  readonly #jobs = new Map<number, Job>();
  #plan: WorkerPlan;
  #worker: Worker | null = null;
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(plan: WorkerPlan) {
    this.#plan = plan;
  }

  setPlan(plan: WorkerPlan): void {
    this.#plan = plan;
    if (this.#worker) tell(this.#worker, { op: "plan", plan });
  }

  /**
   * Walks roots. `onFindings` is awaited before more than a few batches are under way.
   * @param first indexes of all roots without a baseline
   * @param strays also looks for stored paths that no root means any more; for sweeps of all roots
   */
  sweep(
    roots: readonly number[],
    first: readonly number[],
    onFindings: OnFindings,
    strays = false,
  ): Promise<SweepTotals> {
    return whileItLasts(
      this.#request((id) => ({ op: "sweep", id, roots, first, strays }), onFindings),
    );
  }

  /** Observes one large file. */
  observe(path: PathKey, root: number): Promise<Observation> {
    return this.#request((id) => ({ op: "observe", id, path, root }));
  }

  /** Tells a running sweep to stop; it ends with `aborted`. */
  abort(): void {
    for (const [id, job] of this.#jobs) {
      if (job.onFindings && this.#worker) tell(this.#worker, { op: "abort", id });
    }
  }

  /** Ends the thread for good; what is asked for later is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    const ending = this.#worker;
    if (!ending) return;
    this.#failAll(ending, new Error("closing"));
    await ending.terminate();
  }

  #start(): Worker {
    // By its folder: in the bundle this code stands in another file, the worker where it always is.
    const name = `../sweep/worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`;
    const worker = new Worker(new URL(name, import.meta.url), { name: "sigil-sweep" });
    worker.on("message", (message: FromWorker) => this.#receive(worker, message));
    worker.on("error", (error) =>
      this.#failAll(worker, error instanceof Error ? error : new Error(String(error))),
    );
    worker.on("exit", () => this.#failAll(worker, new Error("the sweep thread ended")));
    tell(worker, { op: "plan", plan: this.#plan });
    return worker;
  }

  #failAll(which: Worker, error: Error): void {
    if (this.#worker !== which) return;
    this.#worker = null;
    for (const job of this.#jobs.values()) job.reject(error);
    this.#jobs.clear();
  }

  /** In order: the end of a sweep comes after all its findings have been taken. */
  #receive(from: Worker, message: FromWorker): void {
    const job = this.#jobs.get(message.id);
    if (!job) {
      // Of a sweep that has failed here: its batches still count as under way over there, and would end all later ones.
      if (message.op === "findings") tell(from, { op: "credit", id: message.id });
      return;
    }
    job.tail = job.tail.then(() => this.#handle(from, message, job));
  }

  async #handle(from: Worker, message: FromWorker, job: Job): Promise<void> {
    switch (message.op) {
      case "findings":
        try {
          // Nothing more of a sweep that has failed.
          if (this.#jobs.get(message.id) === job)
            await job.onFindings?.(message.findings, message.rows);
        } catch (error) {
          tell(from, { op: "abort", id: message.id });
          this.#finish(message.id, () =>
            job.reject(error instanceof Error ? error : new Error(String(error))),
          );
        }
        tell(from, { op: "credit", id: message.id });
        return;
      case "failed":
        this.#finish(message.id, () => job.reject(new Error(message.message)));
        return;
      case "swept":
        this.#finish(message.id, () => job.resolve(message.totals as never));
        return;
      case "observed":
        this.#finish(message.id, () => job.resolve(message.observation as never));
    }
  }

  #finish(id: number, settle: () => void): void {
    this.#jobs.delete(id);
    settle();
    if (this.#jobs.size === 0) this.#idle = setTimeout(() => void this.#stop(), IDLE_MS).unref();
  }

  async #stop(): Promise<void> {
    const ending = this.#worker;
    if (!ending || this.#jobs.size > 0) return;
    this.#worker = null;
    await ending.terminate();
  }

  #request<T>(make: (id: number) => ToWorker, onFindings?: Job["onFindings"]): Promise<T> {
    if (this.#closed) return Promise.reject(new Error("closing"));
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise<T>((resolve, reject) => {
      this.#jobs.set(id, {
        resolve,
        reject,
        tail: Promise.resolve(),
        ...(onFindings ? { onFindings } : {}),
      });
      tell(worker, make(id));
    });
  }
}

function tell(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
