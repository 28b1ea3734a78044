import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Place } from "./agent.ts";
import { runToEnd, startProgram, type Program } from "./pipeline-program.ts";

/** A server with its own authority, on free ports of loopback. */
export interface Server {
  readonly program: Program;
  /** Where senders go. */
  readonly ingest: string;
  /** The authority of its certificate, PEM file. */
  readonly caFile: string;
  readonly store: StoreView;
}

/** What is durable on the server, read beside it by another SQLite. */
export interface StoreView {
  /** Events of what agents recorded, without the senders' own notes. */
  events(): number;
  /** Lines stored after the last call, in the order of arrival. */
  news(): readonly string[];
  close(): void;
}

/** @param settings lines of server.yaml beside the ports */
export async function startServer(place: Place, settings = ""): Promise<Server> {
  const home = place.dir("server");
  const config = place.file(
    "server/server.yaml",
    `listen: { port: 0 }\napi: { port: 0 }\n${settings}`,
  );
  await runToEnd("sigil-server", home, ["ca", "init"]);
  const program = startProgram("sigil-server", home, ["--config", config, "run"]);
  const { ingest } = await program.said("listening");
  const directory = join(home, ".local/state/sigil/server");
  const store = openStore(join(directory, "server.db"));
  return { program, ingest: String(ingest), caFile: join(directory, "ca/ca.pem"), store };
}

function openStore(file: string): StoreView {
  const db = new DatabaseSync(file, { readOnly: true });
  const events = db.prepare("SELECT sum(events) AS n FROM spools WHERE stream = 'agent'");
  const news = db.prepare("SELECT id, line FROM lines WHERE id > ? ORDER BY id");
  let last = 0;
  return {
    events: () => Number(events.get()?.["n"] ?? 0),
    news: () =>
      news.all(last).map(({ id, line }) => {
        last = Number(id);
        return Buffer.from(line as Uint8Array).toString("utf8");
      }),
    close: () => db.close(),
  };
}

/** A host with a certificate of the server and a sender's configuration, all of it where the programs look. */
export async function addHost(place: Place, server: Server, id: string): Promise<string> {
  const home = place.dir(`host-${id}`);
  const tls = place.dir(`host-${id}/.config/sigil/tls`);
  const issue = ["ca", "issue", "--host", id, "--out-dir", tls];
  await runToEnd("sigil-server", place.dir("server"), issue);
  place.file(`host-${id}/.config/sigil/sender.yaml`, `server: { url: "${server.ingest}" }\n`);
  return home;
}

/** The agent's spool in a home. */
export function spoolOf(home: string): string {
  return join(home, ".local/state/sigil/events");
}

export function startSender(home: string): Program {
  return startProgram("sigil-sender", home, ["run"]);
}
