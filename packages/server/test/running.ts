import { request, type Agent } from "node:https";
import type { IncomingHttpHeaders } from "node:http";
import type { z } from "zod";
import { BATCH_TYPE } from "@sigil/core";
import { tempDir, type TempDir } from "@sigil/testkit";
import { createAuthority, openAuthority, type Authority } from "../src/ca/authority.ts";
import { newKeyPair } from "../src/ca/keys.ts";
import { issueServerCertificate, LOOPBACK_NAMES } from "../src/ca/server.ts";
import { filesOf, resolveConfig, type Config, type ServerFiles } from "../src/config.ts";
import { startDaemon, type Daemon } from "../src/daemon.ts";
import type { Scope } from "../src/registry/model.ts";
import { openRegistry } from "../src/registry/sqlite.ts";
import { serverSettingsSchema, type ServerSettings } from "../src/settings.ts";
import { eventOf, seal, ulid } from "./kit.ts";

/** What a server logs, line by line. */
export type Logged = { readonly level: string; readonly fields: unknown; readonly text?: string };

export type Credentials = {
  readonly hostId: string;
  readonly serial: string;
  readonly cert: string;
  readonly key: string;
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  json(): Record<string, unknown>;
};

export type Ask = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly cert?: string;
  readonly key?: string;
  /** Keeps connections open between requests. */
  readonly agent?: Agent;
};

type Parts = z.input<typeof serverSettingsSchema>;

/** A directory with a CA and a server certificate in it; no server yet. */
export async function prepareServer(parts: Parts = {}) {
  const dir = tempDir("sigil-server-");
  const config = resolveConfig({ mode: "user" }, { HOME: dir.path });
  const settings = serverSettingsSchema.parse({ listen: { port: 0 }, api: { port: 0 }, ...parts });
  const files = filesOf(config, settings);
  await createAuthority(files.authority, { name: "Test", days: 3650, now: Date.now() });
  const authority = await openAuthority(files.authority, Date.now);
  const server = { file: files.ownCertificate, names: LOOPBACK_NAMES, days: 365 };
  await issueServerCertificate(authority, server);
  return new Prepared(dir, config, settings, files, authority);
}

/** A server's directory, and what a test does with it: what the command line does, in this process. */
export class Prepared {
  readonly dir: TempDir;
  readonly config: Config;
  readonly settings: ServerSettings;
  readonly files: ServerFiles;
  readonly authority: Authority;
  readonly log: Logged[] = [];
  #running: Daemon[] = [];

  constructor(
    dir: TempDir,
    config: Config,
    settings: ServerSettings,
    files: ServerFiles,
    authority: Authority,
  ) {
    this.dir = dir;
    this.config = config;
    this.settings = settings;
    this.files = files;
    this.authority = authority;
  }

  async start(now?: () => number): Promise<Daemon> {
    const { config, settings } = this;
    const write = (level: string) => (fields: unknown, text?: string) =>
      void this.log.push({ level, fields, ...(text === undefined ? {} : { text }) });
    const log = {
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
    };
    const daemon = await startDaemon({
      config,
      settings,
      log: log as never,
      ...(now ? { now } : {}),
    });
    this.#running.push(daemon);
    return daemon;
  }

  /** Issues and registers a certificate. */
  async host(hostId: string, group = "default", days = 90): Promise<Credentials> {
    const { publicKey, keyPem } = await newKeyPair();
    const issued = await this.authority.issueHost({ hostId, publicKey, days });
    this.withRegistry((registry) =>
      registry.addCertificate({
        serial: issued.serial,
        host_id: hostId,
        group,
        not_before: issued.notBefore,
        not_after: issued.notAfter,
        issued_at: new Date().toISOString(),
      }),
    );
    return { hostId, serial: issued.serial, cert: issued.certPem, key: keyPem };
  }

  token(
    scopes: readonly Scope[],
    more: { uses_left?: number; group?: string; replace?: boolean } = {},
  ): string {
    const token = {
      group: null,
      uses_left: null,
      replace: false,
      expires_at: null,
      label: "",
      ...more,
    };
    return this.withRegistry((registry) =>
      registry.createToken({ scopes, ...token }, new Date().toISOString()),
    ).secret;
  }

  /** As another process does it. */
  withRegistry<Result>(work: (registry: ReturnType<typeof openRegistry>) => Result): Result {
    const registry = openRegistry(this.files.registry);
    try {
      return work(registry);
    } finally {
      registry.close();
    }
  }

  ask(url: string, ask: Ask = {}): Promise<Answer> {
    return exchange(url, { ca: this.authority.caPem, ...ask });
  }

  /** As a person with a token. */
  read(url: string, token: string): Promise<Answer> {
    return this.ask(url, { headers: { authorization: `Bearer ${token}` } });
  }

  /** Sends events as one batch. */
  send(
    daemon: Pick<Daemon, "ingest">,
    who: Credentials,
    batch: Batch,
    more: Ask = {},
  ): Promise<Answer> {
    const { cert, key } = who;
    const { body } = batchOf(who.hostId, batch);
    const headers = { "content-type": BATCH_TYPE };
    return this.ask(`${daemon.ingest}/v1/events`, {
      method: "POST",
      headers,
      body,
      cert,
      key,
      ...more,
    });
  }

  async end(): Promise<void> {
    for (const daemon of this.#running.splice(0)) await daemon.stop();
    this.dir.remove();
  }
}

export type Batch = {
  readonly spool?: string;
  readonly first?: number;
  readonly events: readonly Readonly<Record<string, unknown>>[];
};

export function batchOf(hostId: string, { spool = ulid(), first = 1, events }: Batch) {
  const lines = events.map((event) => JSON.stringify(eventOf({ host_id: hostId, ...event })));
  const { manifest, lines: bytes } = seal({ host: hostId, spool, first }, lines);
  return { manifest, body: Buffer.concat([Buffer.from(`${JSON.stringify(manifest)}\n`), bytes]) };
}

function exchange(url: string, ask: Ask & { readonly ca: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, body, agent, ca, cert, key } = ask;
    const tls = { ca, ...(cert === undefined ? {} : { cert, key }) };
    const options = { method, headers, ...tls, ...(agent ? { agent } : { agent: false as const }) };
    const sent = request(url, options, (received) => {
      const chunks: Buffer[] = [];
      received.on("data", (chunk: Buffer) => chunks.push(chunk));
      received.on("error", reject);
      received.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString("utf8");
        const json = () => JSON.parse(text) as Record<string, unknown>;
        resolve({ status: received.statusCode ?? 0, headers: received.headers, bytes, text, json });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
