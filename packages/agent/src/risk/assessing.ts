import { RUBRIC } from "@sigil/baseline/rubric";
import { messageOf } from "@sigil/core/plain";
import { commandRunner, listProcesses, nodeFiles } from "@sigil/host";
import { homesOf } from "../machine.ts";
import type { PolicyInForce } from "../policy/effective.ts";
import type { Plan } from "../policy/plan.ts";
import type { Runtime } from "../runtime.ts";
import { RiskClient } from "./client.ts";
import { Guards } from "./guards.ts";
import type { Contents, GuardHold } from "./hold.ts";
import type { RiskPlan } from "./protocol.ts";
import { Sessions } from "./sessions.ts";

export interface AssessingPorts {
  targetOf(path: string): string | null;
  /** Hooks reach other scripts than before: they must be watched. */
  onScripts(): void;
}

/** Everything about risk that runs under one policy. */
export interface Assessing {
  /** Scripts to watch, at most as many as the policy allows. */
  readonly scripts: readonly string[];
  /** Assesses everything again under another plan. */
  plan(plan: Plan): Promise<void>;
  changed(path: string, contents: Contents): GuardHold | null;
  idle(): Promise<void>;
  /** Gives memory back. @returns false when there is none to give */
  relieve(): boolean;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
/** How often is looked for an assessment that is due to be told again. */
const REATTEST_CHECKS = 24;
/** A whole run reads many files, each with a deadline of its own. */
const RUN_FACTOR = 30;

const OFF: Assessing = {
  scripts: [],
  plan: () => Promise.resolve(),
  changed: () => null,
  idle: () => Promise.resolve(),
  relieve: () => false,
  close: () => Promise.resolve(),
};

export function startAssessing(
  runtime: Runtime,
  policy: PolicyInForce,
  ports: AssessingPorts,
): Assessing {
  const settings = policy.policy.settings.risk;
  if (!settings.enabled) return OFF;
  let client: RiskClient | null = null;
  const planned = Promise.withResolvers<RiskClient>();
  planned.promise.catch(() => undefined);
  const guards = new Guards({
    async assess(only) {
      // A change may come while the agent is still starting: it waits for the plan.
      return (await planned.promise).assess(only);
    },
    store: runtime.assessments,
    ahead: runtime.ahead,
    writer: runtime.writer,
    accepted: policy.policy.accepted.map(({ value }) => value),
    rubricVersion: String(RUBRIC.version),
    holdMs: settings.hold_ms,
    reattestMs: settings.reattest_s * 1000,
    rememberMs: settings.remember_days * DAY_MS,
    now: runtime.now,
    targetOf: (path) => ports.targetOf(path),
    onScripts: () => ports.onScripts(),
    onFailure(error) {
      runtime.log.error(`assessing failed: ${messageOf(error)}`);
      runtime.conditions.raise("assessing-failed", messageOf(error));
    },
    onMended: () => runtime.conditions.clear("assessing-failed"),
  });
  const timer = setInterval(
    () => {
      guards.reattest();
      runtime.assessments.forget(runtime.now() - settings.remember_days * DAY_MS);
    },
    (settings.reattest_s * 1000) / REATTEST_CHECKS,
  ).unref();
  const looking = settings.sessions ? startLooking(runtime, policy) : undefined;
  return {
    get scripts() {
      return guards.scripts.slice(0, settings.max_scripts);
    },
    async plan(plan) {
      const next = await riskPlan(runtime, policy, plan);
      if (client) client.setPlan(next);
      else {
        const timeoutMs = settings.file_deadline_ms * RUN_FACTOR;
        client = new RiskClient({ plan: next, timeoutMs });
        planned.resolve(client);
      }
      guards.everything();
    },
    changed: (path, contents) => guards.changed(path, contents),
    idle: () => guards.idle(),
    relieve: () => client?.relieve() ?? false,
    async close() {
      clearInterval(timer);
      clearInterval(looking);
      guards.close();
      planned.reject(new Error("closing"));
      await client?.close();
    },
  };
}

/** Looks at running agents now and then; a failed look is tried again at the next one. */
function startLooking(runtime: Runtime, policy: PolicyInForce): NodeJS.Timeout {
  const { config, log } = runtime;
  const { platform, env } = config;
  const uid = process.getuid?.() ?? null;
  const proc = env["SIGIL_PROC"];
  const sessions = new Sessions({
    list: () =>
      listProcesses({
        platform,
        source: {
          files: nodeFiles(),
          run: commandRunner({ platform, env }),
          ...(proc === undefined ? {} : { proc }),
        },
        uid: uid === 0 ? null : uid,
      }),
    weights: weightsOf(policy),
    hasher: runtime.hasher,
    store: runtime.assessments,
    writer: runtime.writer,
    rubricVersion: String(RUBRIC.version),
    home: config.home,
    now: runtime.now,
  });
  const look = () =>
    void sessions.look().catch((error: unknown) => {
      log.warn(`cannot look at running agents: ${messageOf(error)}`);
    });
  look();
  return setInterval(look, policy.policy.settings.risk.session_interval_s * 1000).unref();
}

function weightsOf(policy: PolicyInForce): Record<string, number> {
  return Object.fromEntries(
    [...policy.policy.rubricWeights].map(([key, { value }]) => [key, value]),
  );
}

async function riskPlan(runtime: Runtime, policy: PolicyInForce, plan: Plan): Promise<RiskPlan> {
  const { config, hasherChoice } = runtime;
  const { homes } = await homesOf(config);
  return {
    platform: config.platform,
    homes: homes.map((home) => home.path),
    projects: plan.projects,
    env: config.mode === "user" ? { ...config.env } : {},
    privileged: process.geteuid?.() === 0 && config.mode === "system",
    settings: policy.policy.settings.risk,
    hasher: hasherChoice,
    weights: weightsOf(policy),
    knownHosts: policy.policy.knownHosts.map(({ value }) => value),
  };
}
