/** The four programs as this checkout built them, each started with the environment of the demonstration. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = join(import.meta.dirname, "../..");
const BINS = {
  sigil: "packages/agent/bin/sigil.js",
  "sigil-sender": "packages/sender/bin/sigil-sender.js",
  "sigil-server": "packages/server/bin/sigil-server.js",
  "sigil-sign": "packages/signer/bin/sigil-sign.js",
} as const;

export type Program = keyof typeof BINS;
export type Environment = Readonly<Record<string, string>>;

function argsOf(program: Program, args: readonly string[]): string[] {
  return [join(ROOT, BINS[program]), ...args];
}

/** Runs a program to its end. @returns what it printed @throws with its own words when it fails */
export function runOnce(program: Program, args: readonly string[], env: Environment): string {
  const run = spawnSync(process.execPath, argsOf(program, args), { env, encoding: "utf8" });
  if (run.status === 0) return run.stdout;
  throw new Error(`${program} ${args.join(" ")} ended with ${run.status}\n${run.stderr.trim()}`);
}

/** Runs a program whose output is for whoever started us. */
export function runHere(program: Program, args: readonly string[], env: Environment): void {
  spawnSync(process.execPath, argsOf(program, args), { env, stdio: "inherit" });
}

/** A program that goes on until it is stopped. */
export interface Running {
  readonly name: Program;
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
  /** Resolves with the first line of its log that says `msg`. @throws when it ends before */
  said(msg: string): Promise<Readonly<Record<string, unknown>>>;
  /** SIGTERM, and its end. */
  stop(): Promise<number>;
}

/** Starts a program in a process group of its own, so that Ctrl-C reaches only us and all end in order. */
export function start(
  program: Program,
  args: readonly string[],
  env: Environment,
  logFile: string,
): Running {
  const child = spawn(process.execPath, argsOf(program, args), {
    env,
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const log = createWriteStream(logFile, { mode: 0o600 });
  let last = "";
  const lines: Readonly<Record<string, unknown>>[] = [];
  const waiting = new Set<() => void>();
  const tell = () => waiting.forEach((look) => look());
  if (child.stderr)
    createInterface(child.stderr).on("line", (line) => {
      log.write(`${line}\n`);
      if (!line.includes(": hint: ")) last = line;
      lines.push(parse(line));
      tell();
    });
  let over = false;
  const ended = new Promise<number>((resolve) => {
    child.once("close", (code) => {
      over = true;
      log.end();
      tell();
      resolve(code ?? 1);
    });
  });
  return {
    name: program,
    child,
    ended,
    said: (msg) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => line["msg"] === msg);
          if (!found && !over) return;
          waiting.delete(look);
          if (found) resolve(found);
          else reject(new Error(`${program} ended before it was ${msg}: ${last || logFile}`));
        };
        waiting.add(look);
        look();
      }),
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}
