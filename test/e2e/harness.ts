import { spawn, type ChildProcess } from "node:child_process";
import {
  appendFileSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { dirname, join, resolve } from "node:path";
import type { AgentStatus } from "@sigil/agent";
import type { SigilEvent } from "@sigil/core";
import { eventually as until, quietEnv } from "@sigil/testkit";
import { expect, onTestFailed, onTestFinished } from "vitest";
import { eventsOf, parseEvent, readSpool, type FileEvent } from "./events.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ENTRY = join(ROOT, "packages/agent/src/bin.ts");

/** The user every permission test runs as: root passes them vacuously. */
export const NOBODY = 65534;

/** A home of its own under a short path (the control socket's path may have 103 bytes), removed with its test. */
export interface TestHost {
  readonly home: string;
  readonly spool: string;
  readonly stateDb: string;
  readonly policy: string;
  /** An absolute path below the home. */
  path(name: string): string;
  /** Writes a file below the home, making its directories. @returns its path */
  write(name: string, contents: string | Uint8Array): string;
  append(name: string, contents: string): string;
  /** Writes beside the file and renames over it, as editors and tools save. */
  replace(name: string, contents: string | Uint8Array): string;
  events(): Promise<SigilEvent[]>;
  /** What the running agent says of itself on its control socket. */
  status(): Promise<AgentStatus>;
  /** Starts an agent and waits until it watches. */
  start(options?: StartOptions): Promise<Agent>;
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly print?: "json" | "text";
  readonly env?: Readonly<Record<string, string>>;
  /** A program with its arguments that runs the agent in its place, with the agent's own process id. */
  readonly under?: readonly string[];
  /** Runs the agent as this user and group. */
  readonly uid?: number;
  readonly mode?: "user" | "system";
  /** False: returns at once, for an agent that is not expected to come up. */
  readonly ready?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running `sigil run`. */
export interface Agent {
  readonly child: ChildProcess;
  /** Events printed so far; each one is durable, and each was checked against the schema. */
  readonly events: readonly SigilEvent[];
  /** Printed lines, as they came. */
  readonly lines: readonly string[];
  readonly ended: Promise<Ended>;
  log(): string;
  of(path: string): FileEvent[];
  /** Waits for an event of a path that fits. */
  saw(path: string, fits?: (event: FileEvent) => boolean): Promise<FileEvent>;
  /** SIGTERM, and the end of it. */
  stop(): Promise<Ended>;
  /** SIGKILL, and the end of it. */
  kill(): Promise<Ended>;
}

/** Waits until `check` neither throws nor gives false or undefined. @param timeout milliseconds */
export function eventually<T>(
  check: () => T | Promise<T>,
  timeout = 60_000,
): Promise<Exclude<Awaited<T>, false | undefined>> {
  const ask = async () => {
    const answer = await check();
    return answer === undefined ? false : answer;
  };
  return until(ask, { timeoutMs: timeout, everyMs: 20 }) as Promise<
    Exclude<Awaited<T>, false | undefined>
  >;
}

export function createHost(options: { readonly owner?: number } = {}): TestHost {
  const home = mkdtempSync("/tmp/sg-");
  const stateDir = join(home, ".local/state/sigil");
  const agents: Started[] = [];
  if (options.owner !== undefined) chownSync(home, options.owner, options.owner);
  onTestFailed(() => {
    for (const { agent } of agents) process.stderr.write(`${report(agent, home)}\n`);
  });
  onTestFinished(async () => {
    for (const { agent } of agents) {
      agent.child.kill("SIGKILL");
      await agent.ended;
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    expect(agents.flatMap(({ invalid }) => invalid)).toEqual([]);
  });
  const path = (name: string) => join(home, name);
  const at = (name: string): string => {
    mkdirSync(dirname(path(name)), { recursive: true });
    return path(name);
  };
  return {
    home,
    spool: join(stateDir, "events"),
    stateDb: join(stateDir, "state.db"),
    policy: path(".config/sigil/policy.yaml"),
    path,
    write(name, contents) {
      writeFileSync(at(name), contents);
      return path(name);
    },
    append(name, contents) {
      appendFileSync(at(name), contents);
      return path(name);
    },
    replace(name, contents) {
      writeFileSync(at(`${name}.new`), contents);
      renameSync(path(`${name}.new`), path(name));
      return path(name);
    },
    events: () => readSpool(join(stateDir, "events")),
    status: () => askStatus(join(stateDir, "control.sock")),
    async start(start = {}) {
      const started = spawnAgent(home, start);
      agents.push(started);
      if (start.ready !== false) await watching(started.agent);
      return started.agent;
    },
  };
}

async function askStatus(socketPath: string): Promise<AgentStatus> {
  const socket = connect(socketPath);
  socket.write('{"op":"status"}\n');
  let reply = "";
  for await (const chunk of socket.setEncoding("utf8")) reply += chunk as string;
  return (JSON.parse(reply) as { value: AgentStatus }).value;
}

interface Started {
  readonly agent: Agent;
  readonly invalid: readonly string[];
}

/** `node` with the arguments of an agent; the environment is this and nothing else. */
export function agentCommand(home: string, options: StartOptions = {}) {
  const node = ["--conditions=@sigil/source", "--disable-warning=ExperimentalWarning", ENTRY];
  const run = ["--mode", options.mode ?? "user", "run", "--print", options.print ?? "json"];
  const command = [process.execPath, ...node, ...run, ...(options.args ?? [])];
  const [file, ...args] = [...(options.under ?? []), ...command] as [string, ...string[]];
  return { file, args, env: { ...quietEnv(home), ...options.env } };
}

function spawnAgent(home: string, options: StartOptions): Started {
  const { file, args, env } = agentCommand(home, options);
  const user = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const child = spawn(file, args, { cwd: home, env, stdio: ["ignore", "pipe", "pipe"], ...user });
  const events: SigilEvent[] = [];
  const invalid: string[] = [];
  const lines: string[] = [];
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  onLine(child, (line) => {
    lines.push(line);
    if (options.print === "text") return;
    try {
      events.push(parseEvent(line));
    } catch (error) {
      invalid.push(String(error));
    }
  });
  const ended = new Promise<Ended>((done) =>
    child.once("close", (code, signal) => done({ code, signal })),
  );
  const agent: Agent = {
    child,
    events,
    lines,
    ended,
    log: () => log,
    of: (path) => eventsOf(events, path),
    saw: (path, fits = () => true) => eventually(() => eventsOf(events, path).find(fits)),
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
    kill() {
      child.kill("SIGKILL");
      return ended;
    },
  };
  return { agent, invalid };
}

function onLine(child: ChildProcess, take: (line: string) => void): void {
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
}

/** Watching, or ended before it came to that. */
async function watching(agent: Agent): Promise<void> {
  let over: Ended | null = null;
  void agent.ended.then((how) => (over = how));
  await eventually(() => agent.log().includes('"msg":"watching"') || over !== null, 30_000);
  if (over !== null) throw new Error(`the agent ended before it watched: ${agent.log()}`);
}

const SHOWN = 300;

function report(agent: Agent, home: string): string {
  const health = agent.events.filter(
    ({ evidence }) => !["file_change", "baseline_completed"].includes(evidence.kind),
  );
  return [
    `--- agent ${agent.child.pid}: log`,
    agent.log().slice(-2000),
    "--- its last file events",
    ...agent.events
      .filter((event) => JSON.stringify(event.subject).includes(home))
      .slice(-8)
      .map(({ ts, subject, evidence }) =>
        JSON.stringify({ ts, subject, evidence }).slice(0, SHOWN),
      ),
    "--- its own health",
    ...health
      .slice(-10)
      .map(({ ts, evidence }) => JSON.stringify({ ts, evidence }).slice(0, SHOWN)),
  ].join("\n");
}

/** A policy file of one's own: settings, targets, workspaces. */
export function writePolicy(host: TestHost, yaml: string): void {
  mkdirSync(dirname(host.policy), { recursive: true });
  writeFileSync(host.policy, `version: 1\n${yaml}`);
}

/** Says why a test cannot run here, on the terminal and in the report, instead of passing silently. */
export function cannot(skip: (note?: string) => never, why: string): never {
  process.stderr.write(`SKIPPED: ${expect.getState().currentTestName}: ${why}\n`);
  return skip(why);
}
