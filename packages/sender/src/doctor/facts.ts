import { commandRunner, nodeFiles, type FileReader, type RunCommand } from "@sigil/host";
import { loadHasher, type Hasher } from "@sigil/ports/hash";
import { tailSpool, type ExportedLine } from "@sigil/spool";
import { z } from "zod";
import type { CommandContext } from "../commands/context.ts";
import { loadSenderConfig, type SenderConfig } from "../config.ts";
import { askAgent } from "../control.ts";
import { hostIdOf } from "../host.ts";
import { loadMaterial, type Material } from "../identity/material.ts";
import { isLocked } from "../lock.ts";
import { statusFile } from "../places.ts";
import { readStatus, type SenderStatus } from "../status.ts";
import { probeServer, type Probe } from "./probe.ts";

/** What several checks ask for; each is looked up once, and throws for each that asks. */
export interface Facts {
  readonly context: CommandContext;
  readonly files: FileReader;
  readonly run: RunCommand;
  now(): number;
  config(): Promise<SenderConfig>;
  /** @throws SIGIL_SENDER_CERTIFICATE, _KEY…, _CA */
  material(): Promise<Material>;
  hasher(): Promise<Hasher>;
  /** The last line of the agent's spool. @throws SIGIL_SPOOL_* */
  tail(): Promise<readonly ExportedLine[]>;
  /** What the running agent says of itself; null: none answers. */
  agent(): Promise<AgentFacts | null>;
  /** The id that the agent's events carry; null: not known. */
  hostId(): Promise<string | null>;
  /** True: a sender runs; null: it cannot be told. */
  running(): Promise<boolean | null>;
  status(): Promise<SenderStatus | null>;
  /** One hello to the server. */
  probe(): Promise<Probe>;
}

const agentSchema = z.looseObject({ host_id: z.string(), version: z.string(), pid: z.int() });
export type AgentFacts = z.output<typeof agentSchema>;

/** What is waited for an agent or a system tool. Milliseconds. */
const ANSWER_MS = 2000;

export function gatherFacts(context: CommandContext): Facts {
  const { platform, env } = context;
  const config = once(async () => loadSenderConfig(context.request));
  const material = once(async () => loadMaterial((await config()).certificates));
  const hasher = once(async () => loadHasher());
  const agent = once(async () => askIfThere((await config()).controlPath));
  const tail = once(async () => tailSpool((await config()).spoolDir, 1, { hash: await hasher() }));
  return {
    context,
    files: nodeFiles(),
    run: commandRunner({ platform, env, limits: { timeoutMs: ANSWER_MS } }),
    now: () => Date.now(),
    config,
    material,
    hasher,
    tail,
    agent,
    async hostId() {
      const asked = (await agent())?.host_id;
      const last = (await tail().catch(() => [])).at(-1);
      return asked ?? (last === undefined ? null : hostIdOf(last.bytes));
    },
    running: once(async () => isLocked((await config()).notesDir)),
    status: once(async () => readStatus(statusFile(await config()))),
    probe: once(async () =>
      probeServer(await config(), await material(), { env, now: () => Date.now() }),
    ),
  };
}

async function askIfThere(path: string): Promise<AgentFacts | null> {
  try {
    const parsed = agentSchema.safeParse(await askAgent(path, { op: "status" }, ANSWER_MS));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
