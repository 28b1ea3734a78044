import { errnoOf, messageOf, type Settings } from "@sigil/core/plain";
import { createRateNotes } from "../health/rates.ts";
import type { Plan } from "../policy/plan.ts";
import type { Runtime } from "../runtime.ts";
import { createFlow, type Flow, type FlowPorts } from "./flow.ts";
import { createLatency, type Latency } from "./latency.ts";
import { createSettle, type Settle } from "./settle.ts";

export interface PipelinePorts extends Pick<
  FlowPorts,
  "observeLarge" | "setHops" | "record" | "onUnreadable"
> {
  plan(): Plan;
  /** More paths are hinted than are kept waiting. */
  onOverflow(): void;
}

/** Longest time for what is waiting when the pipeline stops. */
const END_MS = 5000;

/** From hinted paths to changes, under one policy: what settles is looked at. */
export interface Pipeline {
  readonly settle: Settle;
  readonly flow: Flow;
  readonly latency: Latency;
  /** Lets what is waiting through, as far as the time goes, then stops. */
  close(): Promise<void>;
}

export function createPipeline(
  runtime: Runtime,
  settings: Settings,
  ports: PipelinePorts,
): Pipeline {
  const { monotonic } = runtime;
  const plan = () => ports.plan();
  const latency = createLatency();
  const rates = createRateNotes(runtime.writer, plan);
  const settle = createSettle(() => plan().matcher, settings, {
    monotonic,
    onReady: (paths) => flow.accept(paths),
    beside: () => flow.waiting + runtime.recorder.waiting,
    onOverflow: () => ports.onOverflow(),
    onLimited: (limit, path, perMinute) => rates.count(limit, path, perMinute),
  });
  const flow = createFlow(settings, {
    store: runtime.store,
    recorder: runtime.recorder,
    hasher: runtime.hasher,
    latency,
    plan,
    observeLarge: (path, root) => ports.observeLarge(path, root),
    gitTracked: (path) => runtime.git.tracked(path),
    setHops: (path, hops) => ports.setHops(path, hops),
    hold: (path, delayMs) => settle.hold(path, delayMs),
    record: (change) => ports.record(change),
    onUnreadable: (path, operation, errno) => ports.onUnreadable(path, operation, errno),
    onFailed: (error) => onLookFailed(runtime, error),
    onMended: () => runtime.conditions.clear("looking-failed"),
    now: runtime.now,
    monotonic,
  });
  return {
    settle,
    flow,
    latency,
    async close() {
      rates.close();
      settle.flush();
      const left = await flow.end(END_MS);
      if (left > 0) runtime.log.warn({ left }, "paths left unread; the next sweep finds them");
      settle.close();
    },
  };
}

/** The path comes back through settle. */
function onLookFailed({ log, conditions }: Runtime, error: unknown): void {
  log.error({ code: errnoOf(error) }, `a path cannot be looked at: ${messageOf(error)}`);
  conditions.raise("looking-failed", messageOf(error));
}
