import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as breathe, setTimeout as sleep } from "node:timers/promises";
import type { AgentStatus } from "@sigil/agent";
import { onTestFinished } from "vitest";
import {
  createHost,
  eventually,
  NOBODY,
  writePolicy,
  type Agent,
  type TestHost,
} from "../harness.ts";
import { act, open, type Tree } from "./act.ts";
import { differences } from "./compare.ts";
import { contradictions, neverThere, printedOnly } from "./history.ts";
import type { Rel } from "./place.ts";
import { POLICIES, type Policy, type Watched } from "./policies.ts";
import { lastWords, linesOf, stateRows } from "./said.ts";
import type { Action, Round, Schedule, Step } from "./steps.ts";
import { expected } from "./tree.ts";

/** Time in which the agent must have caught up: a sweep by the interval comes much later and helps nobody. */
const CALM_MS = 60_000;

/** An agent just started has some 40 and 170 MB, run from source. */
const OPEN_MAX = 100;
const MEMORY_MAX_MB = 450;

export interface Outcome {
  readonly steps: number;
  readonly events: number;
  readonly crashes: number;
  readonly checks: number;
  /** Events that an agent printed and the spool has not: no crash may take one back. */
  readonly lost: number;
}

/** Runs a schedule on a home of its own and compares spool and tree after each round. @throws with what differs */
export async function run(schedule: Schedule): Promise<Outcome> {
  const model = new Model(schedule);
  return model.run();
}

class Model {
  readonly #schedule: Schedule;
  readonly #host: TestHost;
  readonly #tree: Tree;
  readonly #epochs: number[] = [];
  readonly #agents: Agent[] = [];
  #policy: Policy;
  #agent: Agent | null = null;
  #steps = 0;
  #crashes = 0;
  #checks = 0;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#host = createHost(schedule.nobody ? { owner: NOBODY } : {});
    const abroad = mkdtempSync("/dev/shm/sg-");
    onTestFinished(() => rmSync(abroad, { recursive: true, force: true }));
    this.#tree = {
      home: this.#host.home,
      abroad,
      ever: new Set(),
      closed: new Set(),
      count: 0,
    };
    this.#policy = policyAt(schedule.policy);
    for (const project of ["work/p0", "work/p1"])
      mkdirSync(this.#host.path(`${project}/.git`), { recursive: true });
    mkdirSync(this.#host.path("out/d0/s"), { recursive: true });
    mkdirSync(this.#host.path("out/d1"), { recursive: true });
  }

  async run(): Promise<Outcome> {
    writePolicy(this.#host, this.#policy.yaml);
    await this.#do(this.#schedule.first);
    await this.#start();
    await this.#check("start");
    for (const [index, round] of this.#schedule.rounds.entries()) {
      await this.#round(round);
      await this.#check(`round ${index} (${round.action.act})`);
    }
    open(this.#tree);
    await this.#check("everything opened");
    const ended = await this.#running.stop();
    if (ended.code !== 0) throw new Error(`the agent ended with ${JSON.stringify(ended)}`);
    return this.#judge();
  }

  get #running(): Agent {
    if (!this.#agent) throw new Error("no agent");
    return this.#agent;
  }

  get #user(): { readonly uid?: number } {
    return this.#schedule.nobody ? { uid: NOBODY } : {};
  }

  async #do(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await act(this.#tree, step);
    this.#steps += steps.length;
  }

  async #start(): Promise<void> {
    this.#agent = await this.#host.start(this.#user);
    this.#agents.push(this.#agent);
  }

  async #round(round: Round): Promise<void> {
    await this.#do(round.before);
    await this.#act(round.action, round.during);
    await this.#do(round.after);
  }

  async #act(action: Action, during: readonly Step[]): Promise<void> {
    switch (action.act) {
      case "nothing":
        await this.#do(during);
        return;
      case "term":
        await this.#running.stop();
        await this.#do(during);
        await this.#start();
        return;
      case "kill":
      case "wipe_state":
      case "torn_tail":
        await this.#crash(action.act, during);
        return;
      case "stand_still":
        this.#running.child.kill("SIGSTOP");
        await this.#do(during);
        this.#running.child.kill("SIGCONT");
        return;
      case "second":
        await this.#second(during);
        return;
      case "bad_policy":
        await this.#refused(during);
        return;
      case "kill_early":
        await this.#running.kill();
        await this.#do(during);
        await this.#killEarly(action.ms);
        return;
      case "policy":
        await this.#reload([policyAt(action.to)], during);
        return;
      case "policies":
        await this.#reload([policyAt(action.first), policyAt(action.to)], during);
    }
  }

  async #crash(how: "kill" | "wipe_state" | "torn_tail", during: readonly Step[]): Promise<void> {
    await this.#running.kill();
    this.#crashes += 1;
    await this.#do(during);
    if (how === "torn_tail") {
      const last = readdirSync(this.#host.spool)
        .filter((name) => name.endsWith(".jsonl"))
        .toSorted()
        .at(-1);
      if (last !== undefined)
        appendFileSync(join(this.#host.spool, last), '{"schema_version":1,"ev');
    }
    if (how === "wipe_state") {
      for (const end of ["", "-wal", "-shm"])
        rmSync(`${this.#host.stateDb}${end}`, { force: true });
      const lines = await linesOf(this.#host.spool);
      this.#epochs.push(lines.at(-1)?.sequence ?? 0);
    }
    await this.#start();
  }

  /** Two crashes: the second one while the agent starts. */
  async #killEarly(ms: number): Promise<void> {
    const agent = await this.#host.start({ ready: false, ...this.#user });
    this.#agents.push(agent);
    await sleep(ms);
    await agent.kill();
    this.#crashes += 2;
    await this.#start();
  }

  async #second(during: readonly Step[]): Promise<void> {
    const second = await this.#host.start({ ready: false, ...this.#user });
    await this.#do(during);
    const { code } = await second.ended;
    if (code !== 4) throw new Error(`a second agent ended with ${code}: ${second.log()}`);
  }

  async #refused(during: readonly Step[]): Promise<void> {
    const { events } = this.#running;
    const told = () => events.filter(({ evidence }) => evidence.kind === "policy_rejected").length;
    const before = told();
    writePolicy(this.#host, "targets: [{id: BAD}]\n");
    this.#running.child.kill("SIGHUP");
    await this.#do(during);
    await eventually(() => told() > before);
    writePolicy(this.#host, this.#policy.yaml);
  }

  /** One policy at the heels of another: the last one is in force. */
  async #reload(policies: readonly Policy[], during: readonly Step[]): Promise<void> {
    const { events } = this.#running;
    const told = () => events.filter(({ evidence }) => evidence.kind === "policy_applied").length;
    const before = told();
    for (const policy of policies) {
      writePolicy(this.#host, policy.yaml);
      this.#policy = policy;
      this.#running.child.kill("SIGHUP");
      await breathe();
    }
    await this.#do(during);
    await eventually(() => told() > before, 30_000);
  }

  /** Waits until spool and tree agree, and again after the agent says that it has nothing left to do. */
  async #check(when: string): Promise<void> {
    this.#checks += 1;
    let found: string[] = [];
    let calm = 0;
    try {
      await eventually(async () => {
        const status = await this.#host.status();
        found = isBusy(status)
          ? [`busy: ${JSON.stringify(status)}`]
          : [...(await this.#differences()), ...this.#bounds(status)];
        calm = found.length === 0 ? calm + 1 : 0;
        return calm >= 2;
      }, CALM_MS);
    } catch (error) {
      throw new Error(`${when}: ${found.join("\n")}`, { cause: error });
    }
  }

  /** Neither descriptors nor memory grow with what happened. */
  #bounds(status: AgentStatus): string[] {
    const held = readdirSync(`/proc/${status.pid}/fd`).length;
    return [
      ...(held > OPEN_MAX ? [`${held} descriptors are open`] : []),
      ...(status.memory_mb > MEMORY_MAX_MB ? [`${status.memory_mb} MB are in use`] : []),
    ];
  }

  async #differences(): Promise<string[]> {
    const { home, spool, stateDb } = this.#host;
    const policy = this.#policy;
    const lines = await linesOf(spool);
    return differences({
      expected: expected({ home, nobody: this.#schedule.nobody, policy }),
      words: lastWords(home, lines),
      rows: stateRows(stateDb, home),
      epochStart: this.#epochs.at(-1) ?? 0,
      watched: (rel) => policy.watched.some((one) => means(one, rel)),
    });
  }

  async #judge(): Promise<Outcome> {
    const { home, spool } = this.#host;
    const lines = await linesOf(spool);
    const problems = [
      ...contradictions(home, lines, this.#epochs),
      ...neverThere(home, lines, this.#tree.ever),
    ];
    if (problems.length > 0) throw new Error(`in the whole spool:\n${problems.join("\n")}`);
    return {
      steps: this.#steps,
      events: lines.length,
      crashes: this.#crashes,
      checks: this.#checks,
      lost: printedOnly(lines, this.#agents),
    };
  }
}

function policyAt(index: number): Policy {
  const policy = POLICIES[index];
  if (!policy) throw new Error(`no policy ${index}`);
  return policy;
}

function isBusy(status: AgentStatus): boolean {
  return status.settling > 0 || status.queue_depth > 0 || status.sweep_running !== null;
}

function means({ base, depth, self }: Watched, rel: Rel): boolean {
  if (rel === base) return self;
  if (depth === 0 || !rel.startsWith(`${base}/`)) return false;
  return depth > 1 || !rel.slice(base.length + 1).includes("/");
}
