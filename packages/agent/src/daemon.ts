import { messageOf, SigilError, type SigilEvent } from "@sigil/core/plain";
import type { Config } from "./config.ts";
import { listen } from "./control/server.ts";
import { startEngine, type Engine } from "./engine.ts";
import { startPulse } from "./health/pulse.ts";
import type { AgentStatus } from "./health/status.ts";
import type { Log } from "./log.ts";
import { loadEffective, type PolicyInForce } from "./policy/effective.ts";
import { introduce, openRuntime } from "./runtime.ts";
import { statusOf } from "./status.ts";
import { createSupervisor } from "./supervisor.ts";
import type { SweepReason } from "./watch/sweeper.ts";

export interface DaemonOptions {
  readonly config: Config;
  readonly log: Log;
  readonly poll: boolean;
  /** The user named the policy file: it must exist. */
  readonly policyRequired: boolean;
  /** Called with each event once it is durable. */
  readonly onRecorded: (event: SigilEvent) => void;
}

/** A running agent. */
export interface Daemon {
  /** Resolves with the exit code when the agent has ended, by itself or by {@link Daemon.stop}. */
  readonly ended: Promise<number>;
  /** Resolves when the first sweep is through: from here on every change has a known before. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
  reload(): Promise<void>;
  status(): Promise<AgentStatus>;
  /** Ends the agent because something went wrong that it cannot mend. */
  die(part: string, reason: string): Promise<void>;
}

const EXIT_FAILED = 4;

/**
 * Starts the agent.
 * @throws SIGIL_POLICY_*, SIGIL_SPOOL_*, SIGIL_STATE_*, SIGIL_AGENT_RUNNING, SIGIL_CONTROL_SOCKET, SIGIL_HOST_*
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, log } = options;
  // Files are 0640 and directories 0750 at most, also those that SQLite makes (design §4).
  process.umask(0o027);
  const first = loadEffective(config.paths.policy, options.policyRequired);
  const runtime = await openRuntime({ config, log, policy: first, onRecorded: options.onRecorded });
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const { settings } = first.policy;
  const supervisor = createSupervisor(
    { restartMax: settings.health.restart_max, windowMs: settings.health.restart_window_s * 1000 },
    {
      monotonic: runtime.monotonic,
      onRestart: (part, message) => log.warn({ part }, `restarting after: ${message}`),
      onGiveUp: (part, message) => void die(part, message),
    },
  );
  let engine: Engine;
  let pulse: ReturnType<typeof startPulse>;
  let control: { close(): Promise<void> } | null = null;
  let ending = false;
  let changing: Promise<unknown> = Promise.resolve();

  async function run(policy: PolicyInForce, reason: SweepReason): Promise<void> {
    engine = await startEngine({ runtime, policy, poll: options.poll, reason, onFailure });
    pulse = startPulse(runtime, engine, { status, onExceeded: (what) => void die("limits", what) });
    runtime.writer.health({
      kind: "policy_applied",
      policy_version: policy.version,
      targets: policy.policy.targets.filter((target) => !target.disabled).length,
      roots: engine.watching.plan().roots.length,
      layers: [...policy.layers],
    });
  }

  /** Replacing the engine is one step at a time; the sweep that follows covers the moment between. */
  function replace(policy: PolicyInForce, reason: SweepReason): Promise<void> {
    const done = changing.then(async () => {
      if (ending) return;
      pulse.close();
      await engine.stop();
      await run(policy, reason);
    });
    changing = done.catch(() => undefined);
    return done;
  }

  function onFailure(part: string, message: string): void {
    supervisor.failed(part, new Error(message), () => replace(engine.policy, "doubt"));
  }

  function status(): Promise<AgentStatus> {
    return statusOf(runtime, engine);
  }

  async function reload(): Promise<void> {
    let policy: PolicyInForce;
    try {
      policy = loadEffective(config.paths.policy, options.policyRequired);
    } catch (error) {
      const reason = error instanceof SigilError ? error.code : "unknown";
      log.error(
        { code: reason },
        `the policy is not valid, the last good one stays: ${messageOf(error)}`,
      );
      runtime.conditions.raise("policy-rejected", messageOf(error));
      runtime.writer.health({ kind: "policy_rejected", reason, detail: messageOf(error) });
      throw error;
    }
    runtime.conditions.clear("policy-rejected");
    await replace(policy, "policy");
    log.info({ policy: policy.version }, "policy applied");
  }

  async function finish(code: number, before: () => void): Promise<void> {
    if (ending) return;
    ending = true;
    supervisor.close();
    await changing;
    await control?.close();
    pulse.close();
    await engine.stop();
    before();
    await pulse.beat(true);
    await runtime.close();
    end(code);
  }

  async function die(part: string, reason: string): Promise<void> {
    log.error({ part }, reason);
    const tell = () =>
      runtime.writer.health({ kind: "agent_dying", part, reason, exit_code: EXIT_FAILED });
    await finish(EXIT_FAILED, tell).catch((error: unknown) => {
      log.error(messageOf(error));
      end(EXIT_FAILED);
    });
  }

  try {
    control = await listen(config.paths.control, config, async (request) => {
      if (request.op === "status") return status();
      await reload();
      return { policy_version: engine.policy.version };
    });
    await run(first, "start");
    await introduce(runtime, engine!.watching.tracker.backend);
  } catch (error) {
    await control?.close();
    await runtime.close();
    throw error;
  }
  return {
    ended,
    ready: engine!.watching.sweeper.idle().then(() => engine.flow.idle()),
    stop: () => finish(0, () => undefined),
    reload,
    status,
    die,
  };
}
