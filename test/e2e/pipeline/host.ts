import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SenderStatus } from "@sigil/sender";
import { createFill, type Fill } from "./fill.ts";
import type { Fleet } from "./fleet.ts";
import type { Program, ProgramOptions } from "./program.ts";

type Settings = Readonly<Record<string, unknown>>;

/** A host with a home of its own: spool, sender, and an agent or a filler in the agent's place. */
export interface FleetHost {
  readonly fleet: Fleet;
  readonly id: string;
  readonly home: string;
  readonly spool: string;
  /** The sender's own directory. */
  readonly senderDir: string;
  readonly tls: { readonly ca: string; readonly certificate: string; readonly key: string };
  readonly fill: Fill;
  /** Writes sender.yaml on top of what all tests share. @param port where the server seems to be */
  configure(settings?: Settings, port?: number): void;
  /** Starts `sigil-sender run`. */
  send(options?: Pick<ProgramOptions, "env">): Program;
  /** Runs `sigil-sender` with these to its end. */
  command(
    args: readonly string[],
  ): Promise<{ readonly code: number | null; readonly out: string; readonly log: string }>;
  /** What `sigil-sender status` knows of the running sender. @throws when there is nothing */
  status(): Promise<SenderStatus>;
  /** Starts `sigil run` and waits until it watches. @param policy local policy, YAML after `version: 1` */
  watch(policy?: string): Promise<Program>;
  /** Writes below the home. @returns the path */
  write(name: string, contents: string): string;
  /** Last acknowledged sequence in the checkpoint of the stream `agent`; 0 before the first. */
  checkpoint(): number;
}

/** Quick for tests: small batches, short waits, no policy unless a test asks for it. */
const SENDER: Settings = {
  batch: { max_events: 500, max_age_ms: 20 },
  retry: { first_ms: 20, max_ms: 400 },
  read: { poll_ms: 100 },
  timeout: { connect_ms: 5000, headers_ms: 5000, body_ms: 5000, stop_ms: 1000 },
  policy: { enabled: false },
};

export function createHost(fleet: Fleet, id: string, directory: string): FleetHost {
  const home = join(fleet.root, directory);
  const state = join(home, ".local/state/sigil");
  const tlsDir = join(home, ".config/sigil/tls");
  const tls = {
    ca: join(tlsDir, "ca.pem"),
    certificate: join(tlsDir, "host.pem"),
    key: join(tlsDir, "host.key"),
  };
  const spool = join(state, "events");
  const launch: Fleet["launch"] = (name, options) => fleet.launch(name, options);
  const adopted = createFill({ home, spool, host: id, start: launch });
  mkdirSync(tlsDir, { recursive: true });
  mkdirSync(state, { recursive: true, mode: 0o750 });
  cpSync(join(fleet.root, "tls", id), tlsDir, { recursive: true });
  writeFileSync(tls.ca, fleet.caPem);

  const host: FleetHost = {
    fleet,
    id,
    home,
    spool,
    senderDir: join(state, "sender"),
    tls,
    fill: adopted,
    configure(settings = {}, port = fleet.ingest) {
      const server = { url: `https://127.0.0.1:${port}` };
      host.write(
        ".config/sigil/sender.yaml",
        JSON.stringify(merge({ ...SENDER, server }, settings)),
      );
    },
    send: (options = {}) =>
      launch("sigil-sender", { home, args: ["--mode", "user", "run"], ...options }),
    async command(args) {
      const program = launch("sigil-sender", { home, args: ["--mode", "user", ...args] });
      program.child.stdin?.end();
      const { code } = await program.ended;
      return { code, out: program.output(), log: program.log() };
    },
    async status() {
      const { out, log } = await host.command(["status", "--json"]);
      const { status } = JSON.parse(out) as { readonly status: SenderStatus | null };
      if (status === null) throw new Error(`no sender has told anything yet: ${log}`);
      return status;
    },
    async watch(policy = "") {
      const text = `version: 1\nhost_id_strategy: {static: ${id}}\n${policy}`;
      host.write(".config/sigil/policy.yaml", text);
      const program = launch("sigil", { home, args: ["--mode", "user", "run"] });
      await program.said('"msg":"watching"');
      return program;
    },
    write(name, contents) {
      const path = join(home, name);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, contents);
      return path;
    },
    checkpoint: () => checkpointIn(join(state, "sender")),
  };
  host.configure();
  return host;
}

function merge(base: Settings, over: Settings): Settings {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    const both = isGroup(before) && isGroup(value);
    merged[key] = both ? merge(before, value) : value;
  }
  return merged;
}

function isGroup(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkpointIn(directory: string): number {
  try {
    const text = readFileSync(join(directory, "checkpoint.json"), "utf8");
    return (JSON.parse(text) as { sequence: number }).sequence;
  } catch {
    return 0;
  }
}
