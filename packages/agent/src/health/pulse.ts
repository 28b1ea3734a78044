import { join } from "node:path";
import { messageOf } from "@sigil/core/plain";
import type { Engine } from "../engine.ts";
import type { Runtime } from "../runtime.ts";
import { createCanary } from "./canary.ts";
import { createMemoryGuard } from "./memory.ts";
import { watchForStalls } from "./stall.ts";
import { heartbeatOf, type AgentStatus } from "./status.ts";

export interface PulsePorts {
  status(): Promise<AgentStatus>;
  /** A limit of our own is exceeded: the process must end. */
  onExceeded(what: string): void;
}

export interface Pulse {
  /** Records a heartbeat now. */
  beat(isFinal: boolean): Promise<void>;
  close(): void;
}

const MEMORY_CHECK_MS = 5000;
const PRUNE_MS = 3_600_000;
const PRUNE_BATCH = 5000;
const DAY_MS = 86_400_000;

/** Everything that happens because time passes. */
export function startPulse(runtime: Runtime, engine: Engine, ports: PulsePorts): Pulse {
  const { settings } = engine.policy.policy;
  const { watching } = engine;
  const timers: NodeJS.Timeout[] = [];
  const every = (ms: number, act: () => unknown) => {
    const run = () =>
      void Promise.resolve()
        .then(act)
        .catch((error: unknown) => runtime.log.error(messageOf(error)));
    timers.push(setInterval(run, ms).unref());
  };
  const canary = createCanary(
    join(runtime.config.paths.state, "..", "canary"),
    settings.health.canary_timeout_ms,
    {
      onMissed: (detail) => watching.doubt.raise("canary_missed", detail),
    },
  );
  const stalls = watchForStalls(settings.health.stall_ms, runtime.monotonic, (blocked) =>
    watching.doubt.raise("event_loop_stall", `${blocked} ms`),
  );

  async function beat(isFinal: boolean): Promise<void> {
    const status = await ports.status();
    runtime.writer.health(heartbeatOf(status, isFinal));
    runtime.store.setMeta("last_heartbeat", JSON.stringify(status));
  }

  every(settings.health.heartbeat_s * 1000, () => beat(false));
  every(settings.sweep.interval_s * 1000, () => {
    watching.sweeper.request("interval");
    engine.lookForProjects();
  });
  every(settings.health.canary_s * 1000, () => canary.beat());
  every(settings.spool.look_ms, () => keepSpool(runtime));
  every(PRUNE_MS, () => {
    runtime.store.prune(
      runtime.now() - settings.limits.state_keep_removed_days * DAY_MS,
      PRUNE_BATCH,
    );
  });
  every(settings.watch.poll_interval_ms, () => {
    if (engine.polling) watching.sweeper.request("poll", "critical");
  });
  every(settings.watch.poll_standard_interval_ms, () => {
    if (engine.pollingStandard) watching.sweeper.request("poll", "standard");
    if (engine.polling) engine.lookForProjects();
    return engine.regain();
  });
  const memory = createMemoryGuard(settings.limits.memory_mb, {
    usedMb: () => Math.round(process.memoryUsage.rss() / 1024 / 1024),
    relieve: () => engine.relieve(),
    onExceeded: (what) => ports.onExceeded(what),
  });
  every(MEMORY_CHECK_MS, () => memory.check());
  canary.beat();

  return {
    beat,
    close() {
      for (const timer of timers) clearInterval(timer);
      canary.close();
      stalls.close();
    },
  };
}

/** What the spool noticed about itself becomes events. */
export function tellSpool({ spooling, writer }: Pick<Runtime, "spooling" | "writer">): void {
  for (const note of spooling.takeNotes()) writer.health(note);
}

/** Segments rolled by age, shipped ones deleted, old ones evicted when there is no room; each eviction is an event. */
export async function keepSpool(runtime: Runtime): Promise<void> {
  try {
    await runtime.spooling.producer.maintain();
    await runtime.spooling.retain("timer");
  } finally {
    // What was found must be told though a step failed: the note is also what finds that nothing can be written.
    tellSpool(runtime);
  }
}
