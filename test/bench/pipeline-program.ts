import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cleanEnv } from "./agent.ts";

/** The programs as they are shipped: what `npm run build` made. */
const BINS = { "sigil-sender": "sender", "sigil-server": "server" } as const;

export type ProgramName = keyof typeof BINS;

/** A line of a program's log. */
export type Said = Readonly<Record<string, unknown>> & { readonly msg: string };

/** A program that runs beside the bench. */
export interface Program {
  readonly pid: number;
  /** The first log line with this message, said already or not. @throws when the program ends before */
  said(msg: string): Promise<Said>;
  /** Most memory it ever had resident. MiB. */
  peak(): number;
  stop(): Promise<void>;
}

function argsOf(name: ProgramName, args: readonly string[]): string[] {
  const bin = new URL(`../../packages/${BINS[name]}/bin/${name}.js`, import.meta.url);
  return [fileURLToPath(bin), "--mode", "user", ...args];
}

/** Runs a command to its end. @throws with what it said unless it exits with 0 */
export async function runToEnd(
  name: ProgramName,
  home: string,
  args: readonly string[],
): Promise<string> {
  const child = spawn(process.execPath, argsOf(name, args), {
    cwd: home,
    env: cleanEnv(home),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (more: string) => (texts.out += more));
  child.stderr.setEncoding("utf8").on("data", (more: string) => (texts.err += more));
  const code = await new Promise((resolve) => void child.on("close", resolve));
  if (code !== 0) throw new Error(`${name} ${args.join(" ")}: ${texts.err}`);
  return texts.out;
}

/** Starts a program whose log is read: it is JSON, whatever the terminal. */
export function startProgram(name: ProgramName, home: string, args: readonly string[]): Program {
  // Options for Node itself, to profile: SIGIL_BENCH_SENDER_NODE_OPTIONS, SIGIL_BENCH_SERVER_NODE_OPTIONS.
  const extra = process.env[`SIGIL_BENCH_${BINS[name].toUpperCase()}_NODE_OPTIONS`]?.split(" ");
  const child = spawn(process.execPath, [...(extra ?? []), ...argsOf(name, args)], {
    cwd: home,
    env: { ...cleanEnv(home), SIGIL_LOG: "info" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: Said[] = [];
  const words: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((one) => one());
  createInterface(child.stderr).on("line", (line) => {
    if (line.startsWith("{")) said.push(JSON.parse(line) as Said);
    else words.push(line);
    wake();
  });
  let over = false;
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => {
      over = true;
      wake();
      resolve();
    });
  });
  return {
    pid: child.pid as number,
    async said(msg) {
      const find = () => said.find((line) => line.msg === msg);
      while (!find() && !over)
        await new Promise<void>((resolve) => waiting.add(once(waiting, resolve)));
      const line = find();
      if (!line) throw new Error(`${name} has ended: ${words.join("\n")}${JSON.stringify(said)}`);
      return line;
    },
    peak: () => peakOf(child.pid as number),
    stop: () => stop(child, ended),
  };
}

function once(waiting: Set<() => void>, act: () => void): () => void {
  const one = () => {
    waiting.delete(one);
    act();
  };
  return one;
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  await ended;
}

function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}
