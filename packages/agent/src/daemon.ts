import { messageOf, SigilError, type SigilEvent } from "@sigil/core/plain";
import type { Config } from "./config.ts";
import type { ControlRequest } from "./control/protocol.ts";
import { listen } from "./control/server.ts";
import { startEngine, type Engine } from "./engine.ts";
import { fail } from "./errors.ts";
import { startPulse, type Pulse } from "./health/pulse.ts";
import type { AgentStatus } from "./health/status.ts";
import type { Log } from "@sigil/cli/log";
import { loadEffective, type PolicyInForce } from "./policy/effective.ts";
import { introduce, openRuntime, prepareDirectories, type Runtime } from "./runtime.ts";
import { statusOf } from "./status.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";
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

const EXIT_FAILED = 4;

/**
 * Starts the agent.
 * @throws SIGIL_POLICY_*, SIGIL_SPOOL_*, SIGIL_STATE_*, SIGIL_AGENT_RUNNING, SIGIL_CONTROL_SOCKET, SIGIL_HOST_*
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, log } = options;
  // Missing parents of our directories are the user's: made before our umask holds.
  prepareDirectories(config);
  // Files are 0640 and directories 0750 at most, also those that SQLite makes (design §4).
  process.umask(0o027);
  const policy = loadEffective(config.paths.policy, options.policyRequired);
  const runtime = await openRuntime({ config, log, policy, onRecorded: options.onRecorded });
  const daemon = new Daemon(options, runtime, policy);
  try {
    await daemon.start(policy);
    return daemon;
  } catch (error) {
    await daemon.abandon();
    throw error;
  }
}

/** A running agent: one runtime, and the engine of the policy in force. */
export class Daemon {
  /** Resolves with the exit code when the agent has ended, by itself or by {@link Daemon.stop}. */
  readonly ended: Promise<number>;
  readonly #end: (code: number) => void;
  readonly #options: DaemonOptions;
  readonly #runtime: Runtime;
  readonly #supervisor: Supervisor;
  #engine: Engine | null = null;
  #pulse: Pulse | null = null;
  #control: { close(): Promise<void> } | null = null;
  #watched: Pick<AgentStatus, "watcher_backend" | "watched_directories"> | null = null;
  #ending = false;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: DaemonOptions, runtime: Runtime, policy: PolicyInForce) {
    const { promise, resolve } = Promise.withResolvers<number>();
    const { health } = policy.policy.settings;
    this.ended = promise;
    this.#end = resolve;
    this.#options = options;
    this.#runtime = runtime;
    this.#supervisor = createSupervisor(
      { restartMax: health.restart_max, windowMs: health.restart_window_s * 1000 },
      {
        monotonic: runtime.monotonic,
        onRestart: (part, message) => options.log.warn({ part }, `restarting after: ${message}`),
        onGiveUp: (part, message) => void this.die(part, message),
      },
    );
  }

  async start(policy: PolicyInForce): Promise<void> {
    const { config } = this.#options;
    this.#control = await listen(config.paths.control, config, (request) =>
      this.#onRequest(request),
    );
    await this.#run(policy, "start");
    await introduce(this.#runtime, this.#running.watching.tracker.backend);
  }

  /** Resolves when the first sweep is through: from here on every change has a known before. */
  async ready(): Promise<void> {
    await this.#running.idle();
  }

  async status(): Promise<AgentStatus> {
    const status = await statusOf(this.#runtime, this.#running);
    // At the end nothing is watched any more: what counts is what was.
    return this.#watched ? { ...status, ...this.#watched } : status;
  }

  /** Reads the policy again; one that is not valid leaves the last good one in force. @throws SIGIL_POLICY_* */
  async reload(): Promise<void> {
    const { config, log, policyRequired } = this.#options;
    let policy: PolicyInForce;
    try {
      policy = loadEffective(config.paths.policy, policyRequired);
    } catch (error) {
      this.#reject(error);
      throw error;
    }
    this.#runtime.conditions.clear("policy-rejected");
    await this.#replace(policy, "policy");
    log.info({ policy: policy.version }, "policy applied");
  }

  stop(): Promise<void> {
    return this.#finish(0, () => undefined);
  }

  /** Ends the agent because something went wrong that it cannot mend. */
  async die(part: string, reason: string): Promise<void> {
    const { log } = this.#options;
    log.error({ part }, reason);
    try {
      await this.#finish(EXIT_FAILED, () =>
        this.#runtime.writer.health({ kind: "agent_dying", part, reason, exit_code: EXIT_FAILED }),
      );
    } catch (error) {
      log.error(messageOf(error));
      this.#end(EXIT_FAILED);
    }
  }

  /** Gives back what a start that failed has taken. */
  async abandon(): Promise<void> {
    this.#ending = true;
    this.#supervisor.close();
    await this.#control?.close();
    this.#pulse?.close();
    await this.#engine?.stop();
    await this.#runtime.close();
  }

  get #running(): Engine {
    if (!this.#engine) throw fail("SIGIL_AGENT_FAILED", "the agent is not running yet");
    return this.#engine;
  }

  async #onRequest(request: ControlRequest): Promise<unknown> {
    if (request.op === "status") return this.status();
    await this.reload();
    return { policy_version: this.#running.policy.version };
  }

  async #run(policy: PolicyInForce, reason: SweepReason): Promise<void> {
    const { poll } = this.#options;
    const onFailure = (part: string, message: string) => this.#onFailure(part, message);
    const engine = await startEngine({ runtime: this.#runtime, policy, poll, reason, onFailure });
    this.#engine = engine;
    this.#pulse = startPulse(this.#runtime, engine, {
      status: () => this.status(),
      onExceeded: (what) => void this.die("limits", what),
    });
    this.#runtime.writer.health({
      kind: "policy_applied",
      policy_version: policy.version,
      targets: engine.plan().targets,
      roots: engine.plan().roots.length,
      layers: [...policy.layers],
    });
  }

  /** Replacing the engine is one step at a time; the sweep that follows covers the moment between. */
  #replace(policy: PolicyInForce, reason: SweepReason): Promise<void> {
    const done = this.#changing.then(() => (this.#ending ? undefined : this.#swap(policy, reason)));
    this.#changing = done.catch(() => undefined);
    return done;
  }

  async #swap(policy: PolicyInForce, reason: SweepReason): Promise<void> {
    this.#pulse?.close();
    await this.#engine?.stop();
    await this.#run(policy, reason);
  }

  #onFailure(part: string, message: string): void {
    this.#supervisor.failed(part, new Error(message), () =>
      this.#replace(this.#running.policy, "doubt"),
    );
  }

  #reject(error: unknown): void {
    const reason = error instanceof SigilError ? error.code : "unknown";
    const detail = messageOf(error);
    this.#options.log.error(
      { code: reason },
      `the policy is not valid, the last good one stays: ${detail}`,
    );
    this.#runtime.conditions.raise("policy-rejected", detail);
    this.#runtime.writer.health({ kind: "policy_rejected", reason, detail });
  }

  /** Stops finding, lets everything found become durable, says goodbye. */
  async #finish(code: number, before: () => void): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#supervisor.close();
    await this.#changing;
    await this.#control?.close();
    const { watcher_backend, watched_directories } = await this.status();
    this.#watched = { watcher_backend, watched_directories };
    await this.#engine?.stop();
    before();
    await this.#pulse?.beat(true);
    this.#pulse?.close();
    await this.#runtime.close();
    this.#end(code);
  }
}
