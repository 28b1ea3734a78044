import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { quietEnv } from "@sigil/testkit";
import { eventually, type Ended } from "../harness.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** The programs as they are in the checkout, and the spool filler of these tests. */
export const ENTRIES = {
  sigil: join(ROOT, "packages/agent/src/bin.ts"),
  "sigil-sender": join(ROOT, "packages/sender/src/bin.ts"),
  "sigil-server": join(ROOT, "packages/server/src/bin.ts"),
  "sigil-sign": join(ROOT, "packages/signer/src/bin.ts"),
  filler: join(import.meta.dirname, "filler.ts"),
} as const;

export type ProgramName = keyof typeof ENTRIES;

export interface ProgramOptions {
  readonly home: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line on stdout. */
  readonly onLine?: (line: string) => void;
}

/** A process under test. */
export interface Program {
  readonly name: ProgramName;
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Null while it runs. */
  over(): Ended | null;
  /** All of stderr so far. */
  log(): string;
  /** All of stdout so far, unless `onLine` took it. */
  output(): string;
  /** Waits until the log has this; fails when the process ends before. */
  said(what: string | RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and the end of it. */
  stop(): Promise<Ended>;
  /** SIGKILL, and the end of it. */
  kill(): Promise<Ended>;
  /** Resident memory in bytes; 0 once it ended. Linux. */
  memory(): number;
}

export function start(name: ProgramName, options: ProgramOptions): Program {
  const node = ["--conditions=@sigil/source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...node, ENTRIES[name], ...options.args], {
    cwd: options.home,
    env: { ...quietEnv(options.home), ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A process that was killed leaves a broken pipe; its end is what tests look at.
  child.stdin.on("error", () => {});
  const text = collect(child, options.onLine);
  let over: Ended | null = null;
  const ended = new Promise<Ended>((done) =>
    child.once("close", (code, signal) => {
      over = { code, signal };
      done(over);
    }),
  );
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    name,
    child,
    ended,
    over: () => over,
    log: () => text.err,
    output: () => text.out,
    said: (what) => heard({ name, over: () => over, log: () => text.err }, what),
    signal: (signal) => void child.kill(signal),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    memory: () => residentBytes(child.pid),
  };
}

function collect(child: ChildProcess, onLine?: (line: string) => void) {
  const text = { out: "", err: "" };
  let rest = "";
  child.stderr?.setEncoding("utf8").on("data", (more: string) => (text.err += more));
  child.stdout?.setEncoding("utf8").on("data", (more: string) => {
    if (onLine === undefined) {
      text.out += more;
      return;
    }
    const lines = (rest + more).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  return text;
}

async function heard(
  program: Pick<Program, "name" | "over" | "log">,
  what: string | RegExp,
): Promise<void> {
  const fits = () =>
    typeof what === "string" ? program.log().includes(what) : what.test(program.log());
  await eventually(() => fits() || program.over() !== null, 30_000).catch(() => {});
  if (fits()) return;
  const how = JSON.stringify(program.over());
  throw new Error(`${program.name} (${how}) never said ${String(what)}: ${program.log()}`);
}

function residentBytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Runs a command to its end. @returns stdout @throws with stderr when it does not exit with `expected` */
export async function runToEnd(
  name: ProgramName,
  options: ProgramOptions & { readonly expected?: number },
): Promise<string> {
  const program = start(name, options);
  program.child.stdin?.end();
  const { code } = await program.ended;
  if (code === (options.expected ?? 0)) return program.output();
  const command = `${name} ${options.args.join(" ")}`;
  throw new Error(`${command} exited with ${String(code)}: ${program.log()}${program.output()}`);
}
