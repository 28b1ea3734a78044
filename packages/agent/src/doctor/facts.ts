import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_SETTINGS, type Settings } from "@sigil/core/plain";
import { commandRunner, nodeFiles, type FileReader, type RunCommand } from "@sigil/host";
import { tailSpool, type ExportedLine, type Gap } from "@sigil/spool";
import { inspectPlaces, planHere, type Place } from "./places.ts";
import type { Config } from "../config.ts";
import { ask } from "../control/client.ts";
import { fail } from "../errors.ts";
import { loadHasher, type Hasher } from "@sigil/ports/hash";
import type { AgentStatus } from "../health/status.ts";
import type { PolicyInForce } from "../policy/effective.ts";
import { policySeen, type PolicySeen } from "../policy/here.ts";
import { openSigned, type SignedHere } from "../policy/signed/open.ts";
import type { Plan } from "../policy/plan.ts";

/** What several checks ask for; each is looked up once, and throws for each that asks. */
export interface Facts {
  readonly config: Config;
  readonly files: FileReader;
  readonly run: RunCommand;
  now(): number;
  /** All layers, and what was left out of them. @throws SIGIL_POLICY_* */
  layers(): Promise<PolicySeen>;
  policy(): Promise<PolicyInForce>;
  /** What is signed, as it is on the disk. @throws SIGIL_TRUST_* */
  signed(): Promise<SignedHere>;
  /** The settings in force, or the defaults while the policy cannot be loaded. */
  settings(): Promise<Settings>;
  plan(): Promise<Plan>;
  places(): Promise<readonly Place[]>;
  hasher(): Promise<Hasher>;
  /** @throws SIGIL_CONTROL_UNREACHABLE, SIGIL_CONTROL_REFUSED */
  status(): Promise<AgentStatus>;
  /** The running agent's status, or null when none answers for whatever reason. */
  running(): Promise<AgentStatus | null>;
  /** The last lines of the spool. @throws SIGIL_SPOOL_* */
  tail(): Promise<Tail>;
}

export interface Tail {
  readonly lines: readonly ExportedLine[];
  /** How many more there were, that cannot be read. */
  readonly lost: number;
}

/** What is waited for a system tool. Milliseconds. */
const TOOL_MS = 400;
/** What is waited for an agent: one under load, or on a slow machine, answers late and is well all the same. */
const AGENT_MS = 3000;
const STEPS = 20;
/** Lines of the spool that are checked. */
const TAIL_LINES = 256;
const PLACE_LIMITS = { perRoot: 2000, total: 20_000 };

export function gatherFacts(config: Config, policyRequired: boolean): Facts {
  const { platform, env } = config;
  const layers = once(() => policySeen(config, policyRequired));
  const policy = once(async () => (await layers()).policy);
  const plan = once(async () => planHere(config, (await policy()).policy));
  const hasher = once(async () => loadHasher(env["SIGIL_HASHER"] === "wasm" ? "wasm" : "auto"));
  const status = once(() => askSoon(config.paths.control));
  return {
    config,
    files: nodeFiles(),
    run: commandRunner({ platform, env, limits: { timeoutMs: TOOL_MS } }),
    now: () => Date.now(),
    layers,
    policy,
    signed: once(() => openSigned(config)),
    settings: () =>
      policy().then(
        (inForce) => inForce.policy.settings,
        () => DEFAULT_SETTINGS,
      ),
    plan,
    places: once(async () => inspectPlaces(await plan(), (await policy()).policy, PLACE_LIMITS)),
    hasher,
    status,
    running: () => status().catch(() => null),
    tail: once(async () => tailOf(config.paths.spool, await hasher())),
  };
}

async function tailOf(dir: string, hash: Hasher): Promise<Tail> {
  let lost = 0;
  const onGap = ({ from, to, reason }: Gap) => {
    if (reason !== "evicted") lost += to - from + 1;
  };
  return { lines: await tailSpool(dir, TAIL_LINES, { hash, onGap }), lost };
}

/** An agent that hangs must not hang its doctor. */
async function askSoon(path: string): Promise<AgentStatus> {
  const over = new AbortController();
  const late = patience(AGENT_MS, over.signal).then(() => {
    throw fail("SIGIL_CONTROL_REFUSED", `an agent holds ${path} but does not answer`);
  });
  // Ended by the answer, it fails unheard.
  late.catch(() => undefined);
  try {
    return (await Promise.race([ask(path, { op: "status" }), late])) as AgentStatus;
  } finally {
    over.abort();
  }
}

/** Waits in steps: time in which this process itself was busy counts as one of them, not as silence of the agent's. */
async function patience(ms: number, signal: AbortSignal): Promise<void> {
  for (let step = 0; step < STEPS; step += 1) await sleep(ms / STEPS, undefined, { signal });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
