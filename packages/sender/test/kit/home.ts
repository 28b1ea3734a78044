import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { loadHasher } from "@sigil/ports/hash";
import { databaseLock } from "@sigil/ports/lock";
import { openProducer, type Producer } from "@sigil/spool";
import { quietEnv, tempDir, type Authority, type TempDir } from "@sigil/testkit";
import { stringify } from "yaml";
import { eventLine, HOST } from "./rig.ts";

const BIN = resolve(import.meta.dirname, "../../src/bin.ts");

export type Outcome = {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
};

/** A home of a test's own, as user mode finds it, with the real program to run in it. */
export type Home = {
  readonly dir: TempDir;
  readonly spoolDir: string;
  readonly stateDir: string;
  readonly control: string;
  readonly tls: string;
  /** Writes sender.yaml. */
  configure(settings: object): void;
  /** Puts a certificate of the authority in place. */
  certify(authority: Authority, hostId?: string, options?: object): Promise<void>;
  /** The agent's spool, open to write. */
  produce(): Promise<Producer>;
  /** Writes events and closes the spool. */
  record(from: number, to: number, hostId?: string): Promise<void>;
  /** Runs one command to its end. */
  sender(args: readonly string[], env?: Record<string, string>): Promise<Outcome>;
  /** Starts a command and leaves it running. */
  start(args: readonly string[]): Started;
  close(): Promise<void>;
};

export type Started = {
  readonly child: ChildProcess;
  /** What it wrote to stderr so far. */
  readonly log: () => string;
  /** @returns the exit code */
  end(signal?: NodeJS.Signals): Promise<number | null>;
};

const lock = databaseLock((file) => new Error(`${file} is held`));

export function makeHome(): Home {
  const dir = tempDir("sigil-sender-");
  const running = new Set<ChildProcess>();
  const spoolDir = dir.at(".local/state/sigil/events");
  const tls = dir.at(".config/sigil/tls");
  const launch = (args: readonly string[], env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, ["--conditions=@sigil/source", BIN, ...args], {
      cwd: dir.path,
      env: { ...quietEnv(dir.path), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    child.once("exit", () => running.delete(child));
    const text = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (part: string) => void (text.stdout += part));
    child.stderr.setEncoding("utf8").on("data", (part: string) => void (text.stderr += part));
    return { child, text };
  };
  return {
    dir,
    spoolDir,
    stateDir: dir.at(".local/state/sigil/sender"),
    control: dir.at(".local/state/sigil/control.sock"),
    tls,
    configure: (settings) => void dir.write(".config/sigil/sender.yaml", stringify(settings)),
    async certify(authority, hostId = HOST, options = {}) {
      const pair = await authority.issueHost(hostId, options);
      mkdirSync(tls, { recursive: true });
      writeFileSync(`${tls}/ca.pem`, authority.caPem);
      writeFileSync(`${tls}/host.key`, pair.keyPem, { mode: 0o600 });
      writeFileSync(`${tls}/host.pem`, pair.certPem);
    },
    produce: () =>
      openProducer({ dir: spoolDir, hash: loadHasher(), lock, clock: { now: () => Date.now() } }),
    async record(from, to, hostId = HOST) {
      const producer = await this.produce();
      const lines = Array.from({ length: to - from + 1 }, (_, at) =>
        Buffer.from(eventLine(from + at, hostId)),
      );
      await producer.append(lines);
      await producer.close();
    },
    async sender(args, env) {
      const { child, text } = launch(args, env);
      const [code] = (await once(child, "close")) as [number | null];
      return { ...text, code };
    },
    start(args) {
      const { child, text } = launch(args);
      const closed = once(child, "close") as Promise<[number | null]>;
      return {
        child,
        log: () => text.stderr,
        async end(signal = "SIGTERM") {
          child.kill(signal);
          return (await closed)[0];
        },
      };
    },
    async close() {
      for (const child of running) {
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
      }
      dir.remove();
    },
  };
}
