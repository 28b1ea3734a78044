/**
 * What `npm start` shows: the agent on this home, its sender, and a server on loopback, with a CA and a signed policy
 * made for it. Everything of the three is below `<state directory>/sigil/demo`: nothing of another agent is touched.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { wantsColor } from "@sigil/cli";
import type { SigilEvent } from "@sigil/core";
import { renderLine } from "../../packages/agent/src/render/line.ts";
import { agentEnvironment, environment, makePlaces, type Places } from "./places.ts";
import { runHere, runOnce, start, type Environment, type Running } from "./programs.ts";
import { signSample } from "./signing.ts";
import { createTail, type Reader } from "./tail.ts";

const LOOK_MS = 250;

const own = environment();
const places = makePlaces(own);
const env: Environment = agentEnvironment(own, places);
const since = new Date().toISOString();
const running: Running[] = [];
let asked = false;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function run(...command: Parameters<typeof start>): Running {
  const program = start(...command);
  running.push(program);
  return program;
}

interface Ports {
  readonly ingest: number;
  readonly api: number;
}

function server(...args: string[]): string {
  return runOnce("sigil-server", [...serverFlags(places), ...args], env);
}

function serverFlags({ serverConfig, server: dir }: Places): string[] {
  return ["--config", serverConfig, "--state-dir", dir];
}

function senderFlags({ senderConfig }: Places): string[] {
  return ["--mode", "user", "--config", senderConfig];
}

/** A server with a CA of its own, a signed policy to serve, and tokens for one host and one reader. */
async function startServer(
  ports: Ports,
): Promise<{ readonly reader: Reader; readonly enroll: string }> {
  const listen = `listen: { port: ${ports.ingest} }\napi: { port: ${ports.api} }\n`;
  writeFileSync(places.serverConfig, listen);
  if (!existsSync(join(places.server, "ca", "ca.pem"))) server("ca", "init");
  server("policy", "publish", signSample(places, env));
  const token = (...args: string[]) => {
    const made = JSON.parse(server("token", "create", ...args, "--json")) as { secret: string };
    return made.secret;
  };
  const enroll = token("--scope", "enroll", "--uses", "1", "--days", "1", "--replace");
  const secret = token("--scope", "read", "--days", "1", "--label", "npm start");
  const logFile = join(places.root, "server.log");
  await run("sigil-server", [...serverFlags(places), "run"], env, logFile).said("listening");
  const ca = readFileSync(join(places.server, "ca", "ca.pem"), "utf8");
  return { enroll, reader: { url: `https://127.0.0.1:${ports.api}`, token: secret, ca } };
}

async function startAgent(args: readonly string[]): Promise<Running> {
  const flags = ["--mode", "user", "--trust", places.trust, "run", "--print", "none", ...args];
  const agent = run("sigil", flags, env, join(places.root, "agent.log"));
  await agent.said("watching");
  return agent;
}

async function startSender(ports: Ports, reader: Reader, enroll: string): Promise<void> {
  const at = (name: string) => JSON.stringify(join(places.tls, name));
  const files = `ca_file: ${at("ca.pem")}, certificate_file: ${at("host.pem")}, key_file: ${at("host.key")}`;
  const url = `https://127.0.0.1:${ports.ingest}`;
  writeFileSync(
    places.senderConfig,
    `server: { url: "${url}", ${files} }\npolicy: { poll_s: 5 }\nstate_dir: ${JSON.stringify(places.sender)}\n`,
  );
  const flags = senderFlags(places);
  const ca = join(places.server, "ca", "ca.pem");
  const from = ["--server", reader.url, "--ca", ca, "--force"];
  runOnce("sigil-sender", [...flags, "enroll", ...from], { ...env, SIGIL_ENROLL_TOKEN: enroll });
  run("sigil-sender", [...flags, "run"], env, join(places.root, "sender.log"));
}

function show(event: SigilEvent): void {
  const { evidence } = event;
  if (evidence.kind === "baseline_completed" && evidence.files === 0) return;
  const style = { color: wantsColor(process.stdout), home: env["HOME"] ?? null };
  process.stdout.write(`${renderLine(event, style)}\n`);
}

/** First who writes, then who carries, then who receives: nothing is left behind. */
async function stopAll(): Promise<void> {
  for (const name of ["sigil", "sigil-sender", "sigil-server"] as const)
    for (const program of running) if (program.name === name) await program.stop();
}

function onSignal(): void {
  // Whoever asks twice means it.
  if (asked) for (const { child } of running) child.kill("SIGKILL");
  asked = true;
  for (const program of running) if (program.name === "sigil") void program.stop();
}

async function demonstrate(args: readonly string[]): Promise<number> {
  runHere("sigil", ["--mode", "user", "scan"], env);
  const ports = { ingest: await freePort(), api: await freePort() };
  const { reader, enroll } = await startServer(ports);
  const agent = await startAgent(args);
  await startSender(ports, reader, enroll);
  say(`
The agent watches the guard files under your home; what follows is what the server stored.
  read API   ${reader.url}/v1/events
  token      ${reader.token}
  CA         ${join(places.server, "ca", "ca.pem")}
Press Ctrl-C to stop all three.
`);
  const tail = createTail(reader, since, show);
  let over = false;
  void agent.ended.then(() => (over = true));
  while (!over) {
    await tail.look();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  for (const program of running) if (program.name === "sigil-sender") await program.stop();
  // The agent's last words, and the sender's.
  runOnce("sigil-sender", [...senderFlags(places), "once"], env);
  await tail.look();
  await stopAll();
  return await agent.ended;
}

process.on("SIGINT", onSignal);
process.on("SIGTERM", onSignal);
try {
  process.exitCode = await demonstrate(process.argv.slice(2));
} catch (error) {
  await stopAll();
  if (!asked) {
    say(`sigil: error: ${error instanceof Error ? error.message : String(error)}`);
    say(`sigil: hint: the logs are in ${places.root}`);
    process.exitCode = 4;
  }
}
