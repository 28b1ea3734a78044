import { messageOf, type SigilEvent } from "@sigil/core/plain";
import type { Config } from "./config.ts";
import type { ControlRequest, EnvelopeAnswer } from "./control/protocol.ts";
import { listen } from "./control/server.ts";
import { startEngine, type Engine } from "./engine.ts";
import { fail } from "./errors.ts";
import { keepSpool, startPulse, tellSpool, type Pulse } from "./health/pulse.ts";
import type { AgentStatus } from "./health/status.ts";
import type { Log } from "@sigil/cli/log";
import type { PolicyInForce } from "./policy/effective.ts";
import { policyHere, type PolicyHere } from "./policy/here.ts";
import { PolicyKeeper, type KeeperPorts } from "./policy/keeper.ts";
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
/** Recording that still fails after this long keeps an ending agent no longer. */
const STALLED_END_MS = 5000;

/**
 * Starts the agent.
 * @throws SIGIL_POLICY_*, SIGIL_TRUST_*, SIGIL_SPOOL_*, SIGIL_STATE_*, SIGIL_AGENT_RUNNING, SIGIL_CONTROL_SOCKET, SIGIL_HOST_*
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, log } = options;
  // Missing parents of our directories are the user's: made before our umask holds.
  prepareDirectories(config);
  // Files are 0640 and directories 0750 at most, also those that SQLite makes (design §4).
  process.umask(0o027);
  const here = await policyHere(config, options.policyRequired);
  const { policy } = here;
  const runtime = await openRuntime({ config, log, policy, onRecorded: options.onRecorded });
  const daemon = new Daemon(options, runtime, here);
  try {
    await daemon.start();
    return daemon;
  } catch (error) {
    await daemon.abandon();
    throw error;
  }
}

/** A tree that never comes to rest must not keep the agent from saying that it watches. Milliseconds. */
const READY_QUIET_MS = 5000;
/** A full disk must not keep the agent from saying that it watches. Milliseconds. */
const READY_DRAIN_MS = 5000;

/** A running agent: one runtime, and the engine of the policy in force. */
export class Daemon {
  /** Resolves with the exit code when the agent has ended, by itself or by {@link Daemon.stop}. */
  readonly ended: Promise<number>;
  readonly #end: (code: number) => void;
  readonly #options: DaemonOptions;
  readonly #runtime: Runtime;
  readonly #supervisor: Supervisor;
  readonly #keeper: PolicyKeeper;
  #engine: Engine | null = null;
  #pulse: Pulse | null = null;
  #control: { close(): Promise<void> } | null = null;
  #watched: Pick<AgentStatus, "watcher_backend" | "watched_directories"> | null = null;
  #ending = false;
  #changing: Promise<unknown> = Promise.resolve();
  #deciding: Promise<unknown> = Promise.resolve();

  constructor(options: DaemonOptions, runtime: Runtime, here: PolicyHere) {
    const { promise, resolve } = Promise.withResolvers<number>();
    const { health } = here.policy.policy.settings;
    this.ended = promise;
    this.#end = resolve;
    this.#options = options;
    this.#runtime = runtime;
    this.#keeper = new PolicyKeeper(here, keeperPorts(options, runtime));
    this.#supervisor = createSupervisor(
      { restartMax: health.restart_max, windowMs: health.restart_window_s * 1000 },
      {
        monotonic: runtime.monotonic,
        onRestart: (part, message) => options.log.warn({ part }, `restarting after: ${message}`),
        onGiveUp: (part, message) => void this.die(part, message),
      },
    );
  }

  async start(): Promise<void> {
    const { config } = this.#options;
    const onRequest = (request: ControlRequest) => this.#onRequest(request);
    this.#control = await listen(config.paths.control, config, onRequest, {
      envelopeMaxBytes: () => this.#keeper.policy.policy.settings.control.envelope_max_bytes,
    });
    await this.#inTurn(async () => {
      await this.#keeper.begin();
      await this.#run(this.#keeper.policy, "start");
    });
    await introduce(this.#runtime, this.#running.watching.tracker.backend);
    // Now, not at the first look: an agent that ends before would have recovered in silence.
    await keepSpool(this.#runtime).catch((error: unknown) =>
      this.#options.log.error(messageOf(error)),
    );
  }

  /** Resolves when the first sweep is through and durable: from here on every change has a known before. */
  async ready(): Promise<void> {
    await this.#running.first(READY_QUIET_MS);
    await this.#runtime.recorder.drain(READY_DRAIN_MS);
  }

  async status(): Promise<AgentStatus> {
    const status = await statusOf(this.#runtime, this.#running, this.#keeper.status());
    // At the end nothing is watched any more: what counts is what was.
    return this.#watched ? { ...status, ...this.#watched } : status;
  }

  /**
   * Reads local policy and trust root again; what is not valid leaves the last good policy in force.
   * @throws SIGIL_POLICY_*, SIGIL_TRUST_*, SIGIL_SIGNED_NOT_KEPT
   */
  reload(): Promise<void> {
    return this.#inTurn(async () => this.#apply(await this.#keeper.reload()));
  }

  /** Takes signed policy from a courier. @param delivery base64; null: too large @throws SIGIL_SIGNED_NOT_KEPT */
  receive(delivery: string | null): Promise<EnvelopeAnswer> {
    return this.#inTurn(async () => {
      const { kind, ...receipt } = await this.#keeper.receive(delivery);
      if ("policy" in receipt) await this.#apply(receipt.policy);
      const { reason, detail } = "reason" in receipt ? receipt : {};
      return {
        outcome: kind,
        ...(reason === undefined ? {} : { reason }),
        ...(detail === undefined ? {} : { detail }),
        version: this.#keeper.status().policy?.version ?? null,
        policy_version: this.#keeper.policy.version,
      };
    });
  }

  stop(): Promise<void> {
    return this.#finish(0, () => undefined);
  }

  /** Ends the agent because something went wrong that it cannot mend. */
  async die(part: string, reason: string): Promise<void> {
    const { log } = this.#options;
    log.error({ part }, reason);
    await this.#finish(EXIT_FAILED, () =>
      this.#runtime.writer.health({ kind: "agent_dying", part, reason, exit_code: EXIT_FAILED }),
    );
  }

  /** Gives back what a start that failed has taken. */
  async abandon(): Promise<void> {
    this.#ending = true;
    this.#supervisor.close();
    await this.#control?.close();
    this.#keeper.close();
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
    if (request.op === "envelope") return this.receive(request.delivery);
    await this.reload();
    return { policy_version: this.#running.policy.version };
  }

  /** What decides about policy is one step at a time, applying included: the last word is the one in force. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#deciding.then(work);
    this.#deciding = done.catch(() => undefined);
    return done;
  }

  async #apply(policy: PolicyInForce): Promise<void> {
    try {
      await this.#replace(policy, "policy");
    } catch (error) {
      // Without an engine nothing is watched: it is tried again, and given up in the end.
      this.#onFailure("policy", messageOf(error));
      throw error;
    }
    this.#options.log.info({ policy: policy.version }, "policy applied");
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
      this.#replace(this.#keeper.policy, "doubt"),
    );
  }

  /** Stops finding, lets everything found become durable, says goodbye. Ends, whatever fails on the way. */
  async #finish(code: number, before: () => void): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#supervisor.close();
    this.#keeper.close();
    // Nothing may wait for room on a disk that stays full.
    this.#runtime.recorder.endWhenStalled(STALLED_END_MS);
    const goodbye = async () => {
      before();
      tellSpool(this.#runtime);
      await this.#pulse?.beat(true);
    };
    const steps: readonly (() => unknown)[] = [
      () => this.#changing,
      () => this.#control?.close(),
      () => this.#noteWatched(),
      () => this.#engine?.stop(),
      goodbye,
      () => this.#pulse?.close(),
      () => this.#runtime.close(),
    ];
    for (const step of steps) await this.#tryTo(step);
    this.#end(code);
  }

  async #tryTo(step: () => unknown): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#options.log.error(`ending: ${messageOf(error)}`);
    }
  }

  async #noteWatched(): Promise<void> {
    const { watcher_backend, watched_directories } = await this.status();
    this.#watched = { watcher_backend, watched_directories };
  }
}

function keeperPorts(
  { config, log, policyRequired }: DaemonOptions,
  { identity, conditions, writer, store, now }: Runtime,
): KeeperPorts {
  return {
    config,
    policyRequired,
    hostId: identity.host_id,
    conditions,
    log,
    now,
    tell: (evidence, onDurable) => writer.health(evidence, {}, onDurable),
    notes: { get: (key) => store.getMeta(key), set: (key, value) => store.setMeta(key, value) },
  };
}
