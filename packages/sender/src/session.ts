import { dirname } from "node:path";
import { mkdir } from "node:fs/promises";
import { messageOf } from "@sigil/core/plain";
import type { Log } from "@sigil/cli/log";
import type { Mode } from "@sigil/host";
import type { Hasher } from "@sigil/ports/hash";
import { createConditions, type Conditions } from "./conditions.ts";
import { serverOf, type SenderConfig } from "./config.ts";
import { createExpiryWatch } from "./identity/expiry.ts";
import { openIdentity, type IdentityOptions, type LiveIdentity } from "./identity.ts";
import { createLimiter } from "./limiter.ts";
import { senderLock } from "./lock.ts";
import { openNotes, type SenderNotes } from "./notes.ts";
import { expiryFile, type StreamName } from "./places.ts";
import type { Clock, Meter, Sink, Timers } from "./ports.ts";
import { createServerSink } from "./sink/server.ts";
import { createStream, type Stream } from "./stream.ts";

export type Meters = Readonly<Record<StreamName, Meter>>;

export type SessionOptions = {
  readonly config: SenderConfig;
  readonly mode: Mode;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly hasher: Hasher;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly meters: Meters;
  /** Called when a condition begins or ends. */
  readonly onCondition: () => void;
};

/** Everything that one configuration opens. */
export type Session = {
  readonly config: SenderConfig;
  readonly conditions: Conditions;
  readonly identity: LiveIdentity;
  readonly notes: SenderNotes;
  readonly sink: Sink;
  stream(name: StreamName): Stream;
  close(): Promise<void>;
};

/**
 * Opens certificate, notes and receiver; connects to nobody yet.
 * @throws SIGIL_SENDER_SERVER_MISSING, SIGIL_SENDER_PROXY_INVALID, SIGIL_SENDER_CERTIFICATE, _KEY…, _CA,
 *   SIGIL_SPOOL_* of the notes; SIGIL_SPOOL_LOCKED when another sender runs
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { config, hasher, clock, log } = options;
  serverOf(config);
  await makeStateDir(config.stateDir);
  const conditions = createConditions(() => clock.now(), options.onCondition);
  let identity: LiveIdentity | null = null;
  // The notes first: they hold the lock, and only who has it may tell and remember anything.
  const notes = await openNotes({
    config,
    hash: hasher,
    lock: senderLock,
    now: () => clock.now(),
    hostId: () => identity?.current().hostId ?? "",
    log,
  });
  try {
    identity = await openIdentity(identityOptions(options, notes, conditions));
    await identity.check();
    const sink = createServerSink({ config, identity, env: options.env });
    return assemble(options, { conditions, identity, notes, sink });
  } catch (error) {
    identity?.close();
    await notes.close();
    throw error;
  }
}

/** Missing parents are the user's; the directory itself is ours (design §4). */
async function makeStateDir(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await mkdir(path, { recursive: true, mode: 0o750 });
}

function identityOptions(
  { config, clock, log }: SessionOptions,
  notes: SenderNotes,
  conditions: Conditions,
): IdentityOptions {
  const { check_s, warn_days } = config.settings.certificate;
  return {
    files: config.certificates,
    checkMs: check_s * 1000,
    now: () => clock.now(),
    log,
    onPending: (why) => conditions.set("certificate-pending", why),
    expiry: createExpiryWatch({
      file: expiryFile(config),
      warnDays: warn_days,
      now: () => clock.now(),
      tell: (evidence) => notes.tell(evidence),
    }),
  };
}

type Parts = Pick<Session, "conditions" | "identity" | "notes" | "sink">;

function assemble(options: SessionOptions, parts: Parts): Session {
  const { config, clock, log, meters } = options;
  const limiter = createLimiter(config.settings.limit, clock);
  return {
    config,
    ...parts,
    stream: (name) => createStream(name, { ...options, ...parts, limiter, meter: meters[name] }),
    async close() {
      parts.identity.close();
      await parts.sink.close();
      await parts.notes.close().catch((error: unknown) => log.warn(messageOf(error)));
    },
  };
}
