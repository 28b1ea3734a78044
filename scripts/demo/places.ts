/** Where the demonstration keeps what is its own: all below one directory, which may be deleted when nothing runs. */
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "./programs.ts";

export interface Places {
  readonly root: string;
  /** State and spool of the demonstration's agent: those of an agent that the user runs stay as they are. */
  readonly agent: string;
  readonly server: string;
  readonly sender: string;
  readonly tls: string;
  readonly signing: string;
  /** Trust root of the signed policy, for the agent. */
  readonly trust: string;
  readonly senderConfig: string;
  readonly serverConfig: string;
}

const KEPT =
  /^(?:PATH|HOME|USERPROFILE|LOCALAPPDATA|APPDATA|SYSTEMROOT|TEMP|TMP|TERM|LANG|NO_COLOR|XDG_\w+|SIGIL_\w+)$/i;

/** What of the environment the programs see. */
export function environment(): Environment {
  const known = Object.entries(process.env).filter(
    (entry): entry is [string, string] => KEPT.test(entry[0]) && entry[1] !== undefined,
  );
  return Object.fromEntries(known);
}

export function makePlaces(env: Environment): Places {
  const state = env["XDG_STATE_HOME"] ?? join(env["HOME"] ?? homedir(), ".local", "state");
  const root = join(state, "sigil", "demo");
  const places = {
    root,
    agent: join(root, "agent"),
    server: join(root, "server"),
    sender: join(root, "sender"),
    tls: join(root, "tls"),
    signing: join(root, "signing"),
  };
  for (const directory of Object.values(places))
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  return {
    ...places,
    trust: join(root, "trust.json"),
    senderConfig: join(root, "sender.yaml"),
    serverConfig: join(root, "server.yaml"),
  };
}

/** What makes agent and sender meet in those places, and not where another agent of this user is. */
export function agentEnvironment(env: Environment, { agent }: Places): Environment {
  return {
    ...env,
    SIGIL_STATE_DB: join(agent, "state.db"),
    SIGIL_EVENTS_DIR: join(agent, "events"),
    XDG_RUNTIME_DIR: agent,
  };
}
