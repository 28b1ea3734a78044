import { Worker } from "node:worker_threads";
import { errnoOf } from "@sigil/core/plain";
import { isBelow } from "../fs/keys.ts";
import type { FromRiskWorker, RiskPlan, RiskResult, ToRiskWorker } from "./protocol.ts";
import { createSparing, OVERCOME, type Allowances, type Answer } from "./sparing.ts";

interface Job {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export interface RiskClientOptions {
  readonly plan: RiskPlan;
  /** Milliseconds after which a thread that does not answer is ended: whatever it reads cannot hold it for ever. */
  readonly timeoutMs: number;
}

/** Share of the time of one run that is spent to find the files that are too much for it. */
const FIND_FACTOR = 0.5;

/**
 * The thread that assesses, so that what it reads delays no change. Started when needed, ended when idle. Its memory
 * has a bound of its own: hostile files end this thread, and never the agent.
 */
export class RiskClient {
  readonly #jobs = new Map<number, Job>();
  readonly #timeoutMs: number;
  readonly #sparing;
  /** What the thread has read, larger files only. */
  #heavy = new Map<string, number>();
  #plan: RiskPlan;
  #worker: Worker | null = null;
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RiskClientOptions) {
    this.#plan = options.plan;
    this.#timeoutMs = options.timeoutMs;
    this.#sparing = createSparing({
      ask: (only, allowed) => this.#ask(only, allowed),
      heavy: () => [...this.#heavy].map(([path, bytes]) => ({ path, bytes })),
      isForeign: (path) => this.#plan.projects.some((project) => isBelow(path, project)),
      monotonic: () => performance.now(),
      findMs: this.#timeoutMs * FIND_FACTOR,
    });
  }

  setPlan(plan: RiskPlan): void {
    this.#plan = plan;
    if (this.#worker) tell(this.#worker, { op: "plan", plan });
  }

  /** @param only paths whose contexts are assessed again; null: all of them */
  assess(only: readonly string[] | null): Promise<RiskResult> {
    return this.#sparing.assess(only);
  }

  /** Ends the thread, so that its memory is given back. @returns false when there is none */
  relieve(): boolean {
    if (!this.#worker) return false;
    void this.#end(this.#worker, OVERCOME);
    return true;
  }

  #ask(only: readonly string[] | null, allowed: Allowances): Promise<Answer> {
    if (this.#closed) return Promise.reject(new Error("closing"));
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => void this.#end(worker, OVERCOME), this.#timeoutMs).unref();
      this.#jobs.set(id, { resolve, reject, timer });
      tell(worker, { op: "assess", id, only, allowed });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    if (this.#worker) await this.#end(this.#worker, new Error("closing"));
  }

  #start(): Worker {
    // By its folder: in the bundle this code stands in another file, the worker where it always is.
    const name = `../risk/worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`;
    const worker = new Worker(new URL(name, import.meta.url), {
      name: "sigil-risk",
      resourceLimits: { maxOldGenerationSizeMb: this.#plan.settings.memory_mb },
    });
    this.#heavy = new Map();
    worker.on("message", (message: FromRiskWorker) => this.#receive(message));
    worker.on("error", (error) => void this.#end(worker, endedBy(error)));
    worker.on("exit", () => void this.#end(worker, new Error("the assessing thread ended")));
    tell(worker, { op: "plan", plan: this.#plan });
    return worker;
  }

  #receive(message: FromRiskWorker): void {
    if (message.op === "reads") {
      this.#heavy.set(message.path, message.bytes);
      return;
    }
    const job = this.#jobs.get(message.id);
    if (!job) return;
    this.#jobs.delete(message.id);
    clearTimeout(job.timer);
    if (message.op === "assessed") job.resolve(message.result);
    else job.reject(new Error(message.message));
    if (this.#jobs.size > 0) return;
    const idleMs = this.#plan.settings.idle_s * 1000;
    this.#idle = setTimeout(() => {
      if (this.#worker && this.#jobs.size === 0) void this.#end(this.#worker, new Error("idle"));
    }, idleMs).unref();
  }

  async #end(worker: Worker, why: Error | typeof OVERCOME): Promise<void> {
    if (this.#worker !== worker) return;
    this.#worker = null;
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) clearTimeout(job.timer);
    // Before whoever asked may start another: two would take twice the memory.
    await worker.terminate();
    for (const job of jobs)
      if (why === OVERCOME) job.resolve(OVERCOME);
      else job.reject(why);
  }
}

function tell(worker: Worker, message: ToRiskWorker): void {
  worker.postMessage(message);
}

function endedBy(error: unknown): Error | typeof OVERCOME {
  if (errnoOf(error) === "ERR_WORKER_OUT_OF_MEMORY") return OVERCOME;
  return error instanceof Error ? error : new Error(String(error));
}
