import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import type { HostLedger, HostSummary, Page } from "../../../packages/server/src/store/model.ts";
import type { SigilEvent } from "@sigil/core";
import { afterAll, onTestFailed, onTestFinished } from "vitest";
import { Client } from "undici";
import { createHost, type FleetHost } from "./host.ts";
import { runToEnd, start, type Program, type ProgramName, type ProgramOptions } from "./program.ts";

/** Hosts that have a certificate of the server's CA from the start. */
const HOSTS = ["h1", "h2"] as const;

type Settings = Readonly<Record<string, unknown>>;

/** A server, its hosts and what carries between them, below one directory that goes with its test. */
export interface Fleet {
  readonly root: string;
  /** Ports of the server: chosen once, so that it comes back where it was. */
  readonly ingest: number;
  readonly api: number;
  /** server.db */
  readonly db: string;
  readonly serverDir: string;
  readonly caPem: string;
  /** @param name tells hosts with one id apart */
  host(id: string, name?: string): FleetHost;
  /** Writes server.yaml, on top of what all tests share. */
  configure(settings: Settings): void;
  /** Starts the server and waits until it listens. */
  serve(options?: { readonly env?: ProgramOptions["env"] }): Promise<Program>;
  /** Starts any program and ends it with the test. */
  launch(name: ProgramName, options: ProgramOptions): Program;
  /** Runs `sigil-server` to its end. @returns stdout */
  command(args: readonly string[], expected?: number): Promise<string>;
  /** Runs `sigil-sign` to its end. @param words parted by blanks, of which no path here has any. @returns stdout */
  sign(words: string, expected?: number): Promise<string>;
  /** Asks the read API. @throws when it does not say 200 */
  ask(path: string): Promise<unknown>;
  ledger(hostId: string): Promise<HostLedger>;
  hosts(): Promise<Page<HostSummary>>;
  /** Every event of a host of these kinds, through the pages of the read API. */
  events(hostId: string, kinds?: readonly string[]): Promise<SigilEvent[]>;
}

/** The CA, the hosts' certificates and the token are made once for a test file; each test gets a copy. */
let template: Promise<string> | null = null;
let templateDir: string | null = null;
afterAll(async () => {
  await template?.catch(() => {});
  if (templateDir !== null) rmSync(templateDir, { recursive: true, force: true });
});

async function makeTemplate(): Promise<string> {
  const root = mkdtempSync("/tmp/sg-ca-");
  templateDir = root;
  const home = join(root, "srv");
  mkdirSync(home);
  const run = (...args: string[]) =>
    runToEnd("sigil-server", { home, args: ["--mode", "user", ...args] });
  const issue = (host: string) =>
    run("ca", "issue", "--host", host, "--out-dir", join(root, "tls", host));
  await run("ca", "init", "--name", "Throwaway");
  const create = run("token", "create", "--scope", "read", "--json");
  const [token] = await Promise.all([create, ...HOSTS.map(issue)]);
  writeFileSync(join(root, "token"), (JSON.parse(token) as { secret: string }).secret);
  return root;
}

export async function createFleet(settings: Settings = {}): Promise<Fleet> {
  template ??= makeTemplate();
  const made = await template;
  const root = mkdtempSync("/tmp/sg-");
  const programs: Program[] = [];
  onTestFailed(() => {
    for (const program of programs) process.stderr.write(report(program));
  });
  onTestFinished(async () => {
    await Promise.all(programs.map((program) => program.kill()));
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });
  cpSync(made, root, { recursive: true });
  const fleet = fleetAt(root, await freePort(), await freePort(), programs);
  fleet.configure(settings);
  return fleet;
}

function fleetAt(root: string, ingest: number, api: number, programs: Program[]): Fleet {
  const home = join(root, "srv");
  const serverDir = join(home, ".local/state/sigil/server");
  const config = join(root, "server.yaml");
  const token = readFileSync(join(root, "token"), "utf8");
  const caPem = readFileSync(join(serverDir, "ca/ca.pem"), "utf8");
  const global = ["--mode", "user", "--config", config];
  const reader = new Client(`https://127.0.0.1:${api}`, { connect: { ca: caPem } });
  onTestFinished(() => reader.destroy());
  const hosts = new Map<string, FleetHost>();

  const fleet: Fleet = {
    root,
    ingest,
    api,
    db: join(serverDir, "server.db"),
    serverDir,
    caPem,
    host(id, name = id) {
      const host = hosts.get(name) ?? createHost(fleet, id, name);
      hosts.set(name, host);
      return host;
    },
    configure(settings) {
      const whole = { listen: { port: ingest }, api: { port: api }, ...settings };
      writeFileSync(config, JSON.stringify(whole));
    },
    async serve(options = {}) {
      const env = options.env ?? {};
      const program = fleet.launch("sigil-server", { home, args: [...global, "run"], env });
      await program.said('"msg":"listening"');
      return program;
    },
    launch(name, options) {
      const program = start(name, options);
      programs.push(program);
      return program;
    },
    command: (args, expected = 0) =>
      runToEnd("sigil-server", { home, args: [...global, ...args], expected }),
    sign: (words, expected = 0) =>
      runToEnd("sigil-sign", { home: root, args: words.split(" "), expected }),
    async ask(path) {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await reader.request({ method: "GET", path, headers });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${text}`);
      return JSON.parse(text) as unknown;
    },
    ledger: async (hostId) => (await fleet.ask(`/v1/hosts/${hostId}/ledger`)) as HostLedger,
    hosts: async () => (await fleet.ask("/v1/hosts")) as Page<HostSummary>,
    events: (hostId, kinds = []) => allEvents(fleet, hostId, kinds),
  };
  return fleet;
}

async function allEvents(fleet: Fleet, hostId: string, kinds: readonly string[]) {
  const events: SigilEvent[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ host: hostId, limit: "1000" });
    for (const kind of kinds) query.append("kind", kind);
    if (cursor !== null) query.set("cursor", cursor);
    const page = (await fleet.ask(`/v1/events?${query}`)) as Page<{
      readonly event: SigilEvent;
    }>;
    events.push(...page.items.map(({ event }) => event));
    cursor = page.next;
  } while (cursor !== null);
  return events;
}

/** Below the range the system gives out by itself, so that nothing else takes it while its server is down. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 18_000 + Math.floor(Math.random() * 14_000);
    const probe = createServer();
    const bound = once(probe.listen(port, "127.0.0.1"), "listening").then(
      () => true,
      () => false,
    );
    if (!(await bound)) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}

const SHOWN = 3000;

function report(program: Program): string {
  const how = JSON.stringify(program.over() ?? "running");
  return `--- ${program.name} ${program.child.pid} (${how})\n${program.log().slice(-SHOWN)}\n`;
}
