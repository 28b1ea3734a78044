import { rmSync } from "node:fs";
import { join } from "node:path";
import { encodeEvent, makeEvent } from "@sigil/core/plain";
import { loadHasher } from "@sigil/ports/hash";
import { databaseLock } from "@sigil/ports/lock";
import {
  applyRetention,
  openConsumer,
  openProducer,
  openQuarantine,
  type Consumer,
  type Producer,
  type Quarantine,
  type SpoolSettings,
} from "@sigil/spool";
import { createAuthority, tempDir, type Authority, type TempDir } from "@sigil/testkit";
import { openChain } from "../../src/chain.ts";
import { createDispatcher, type Dispatcher } from "../../src/dispatcher.ts";
import { createLimiter } from "../../src/limiter.ts";
import { createMeter } from "../../src/meter.ts";
import type {
  Credentials,
  Identity,
  Meter,
  SenderEvidence,
  Sink,
  Timers,
} from "../../src/ports.ts";
import { senderSettingsSchema, type SenderSettings } from "../../src/settings.ts";
import { createServerSink } from "../../src/sink/server.ts";
import { systemTimers, watchDirectory } from "../../src/wake.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "./receiver.ts";

export const HOST = "a2e1f4c9b8d7";
const hash = loadHasher();
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const lock = databaseLock((file) => new Error(`${file} is held`));
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** One event of about 600 bytes. */
export function eventLine(index: number, hostId: string = HOST, padding = 300): string {
  const id = `019e0cea-42f1-7ef3-9a6a-${index.toString(16).padStart(12, "0")}`;
  return encodeEvent(
    makeEvent(
      { hostId, agentVersion: "0.1.0" },
      {
        eventId: id,
        ts: "2026-05-10T07:14:32.512Z",
        severity: "info",
        source: "agent",
        subject: { kind: "path", value: `/home/alice/${index}/${"x".repeat(padding)}` },
        evidence: { kind: "policy_rejected", reason: "test", detail: `number ${index}` },
        targetId: null,
      },
    ),
  );
}

/** Waits that take no time; each is written down. Those for which `hold` says so last until they are aborted. */
export type FakeTimers = Timers & { readonly slept: number[]; hold: (ms: number) => boolean };

function fakeTimers(): FakeTimers {
  const timers: FakeTimers = {
    slept: [],
    hold: () => false,
    async sleep(ms, signal) {
      timers.slept.push(ms);
      if (!timers.hold(ms)) return await new Promise((resolve) => setImmediate(resolve));
      await systemTimers.sleep(3_600_000, signal);
    },
  };
  return timers;
}

export type FakeIdentity = Identity & { set(next: Partial<Credentials>): void };

export async function identityFor(authority: Authority, hostId = HOST): Promise<FakeIdentity> {
  const pair = await authority.issueHost(hostId);
  return identityOf({ ...pair, hostId, caPem: authority.caPem });
}

export function identityOf(
  given: Pick<Credentials, "certPem" | "keyPem" | "caPem" | "serial" | "hostId">,
): FakeIdentity {
  const listeners = new Set<() => void>();
  const { hostId, certPem, keyPem, caPem, serial } = given;
  let now: Credentials = {
    hostId,
    certPem,
    keyPem,
    caPem,
    serial,
    notBefore: 0,
    notAfter: Number.MAX_SAFE_INTEGER,
    problem: null,
  };
  return {
    current: () => now,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(next) {
      now = { ...now, ...next };
      for (const listener of listeners) listener();
    },
  };
}

export type RigOptions = Partial<ReceiverOptions> & {
  readonly settings?: object;
  readonly spool?: Partial<SpoolSettings>;
  readonly identity?: FakeIdentity;
  /** Default: `agent`. */
  readonly stream?: "agent" | "sender";
  /** Instead of a receiver of its own. */
  readonly url?: string;
};

/** A spool, a sender and a receiver on loopback. */
export type Rig = {
  readonly dir: TempDir;
  readonly authority: Authority;
  readonly receiver: Receiver;
  readonly producer: Producer;
  readonly settings: SenderSettings;
  readonly identity: FakeIdentity;
  readonly notes: SenderEvidence[];
  readonly timers: FakeTimers;
  readonly quarantine: Quarantine;
  source: Consumer;
  meter: Meter;
  sink: Sink;
  dispatcher: Dispatcher;
  /** Writes events `from` to `to` of the host. */
  append(from: number, to: number, line?: (index: number) => string): Promise<void>;
  /** The spool is opened anew; the connection stays. */
  reopen(): Promise<void>;
  /** A new sender on the same spool and state, as after a restart. */
  restart(): Promise<void>;
  /** Retention drops closed segments that nobody consumed, as on a full disk. */
  evict(): Promise<void>;
  /** Another sender on the same spool and state. */
  openSecond(): Promise<unknown>;
  /** Somebody began the spool anew under our feet. */
  replaceSpool(): Promise<void>;
  /** The lines the receiver has, in the order of their sequences. */
  received(): readonly string[];
  close(): Promise<void>;
};

export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const dir = tempDir("sigil-sender-");
  const authority = options.authority ?? (await createAuthority());
  const receiver = await createReceiver({ ...options, authority });
  const url = options.url ?? receiver.url;
  const given = { server: { url }, batch: { max_age_ms: 1 } };
  const settings = senderSettingsSchema.parse({
    ...given,
    ...merge(given, options.settings ?? {}),
  });
  const spoolDir = dir.mkdir("spool");
  const stateDir = dir.mkdir("state");
  const producer = await openProducer({
    dir: spoolDir,
    hash,
    lock,
    clock,
    ...(options.spool === undefined ? {} : { settings: options.spool }),
  });
  const spoolOptions = { dir: spoolDir, checkpointDir: stateDir, hash, lock, clock };
  const quarantine = await openQuarantine({ dir: join(stateDir, "quarantine"), clock });
  const identity = options.identity ?? (await identityFor(authority));
  const notes: SenderEvidence[] = [];
  const timers = fakeTimers();
  const rig = {
    dir,
    authority,
    receiver,
    producer,
    settings,
    identity,
    notes,
    timers,
    quarantine,
    async append(from: number, to: number, line = eventLine) {
      for (let at = from; at <= to; at += 500) {
        const count = Math.min(500, to - at + 1);
        await producer.append(
          Array.from({ length: count }, (_, index) => Buffer.from(line(at + index))),
        );
      }
    },
    async evict() {
      const least = { segment_max_bytes: 1, soft_max_bytes: 1, hard_max_bytes: 1 };
      await applyRetention({ dir: spoolDir, consumed: 0, clock, settings: least });
    },
    openSecond: () => openConsumer(spoolOptions),
    async replaceSpool() {
      await producer.close();
      rmSync(spoolDir, { recursive: true });
      const other = await openProducer({ dir: spoolDir, hash, lock, clock });
      await other.close();
    },
    async reopen() {
      await closeSpool();
      await openSpool();
    },
    async restart() {
      await stopSender();
      await startSender();
    },
    received: () =>
      [...(receiver.stored.get(rig.source.spoolId) ?? new Map<number, string>())]
        .toSorted(([a], [b]) => a - b)
        .map(([, line]) => line),
    async close() {
      await stopSender();
      await producer.close();
      await receiver.close();
      dir.remove();
    },
  } as unknown as Rig & { waker: ReturnType<typeof watchDirectory> };

  async function startSender() {
    rig.sink = createServerSink({
      config: { server: new URL(url), file: "sender.yaml", settings },
      identity,
      env: {},
    });
    await openSpool();
  }

  async function openSpool() {
    rig.source = await openConsumer(spoolOptions);
    rig.meter = createMeter();
    rig.waker = watchDirectory(spoolDir);
    rig.dispatcher = createDispatcher({
      stream: options.stream ?? "agent",
      settings,
      source: rig.source,
      chain: await openChain(stateDir, rig.source.spoolId),
      quarantine,
      sink: rig.sink,
      identity,
      notes: { tell: (evidence) => void notes.push(evidence) },
      meter: rig.meter,
      limiter: createLimiter(settings.limit, clock),
      log: silent as never,
      hash,
      clock,
      timers,
      random: () => 0.5,
      waker: rig.waker,
    });
  }

  async function stopSender() {
    await closeSpool();
    await rig.sink.close();
  }

  async function closeSpool() {
    await rig.dispatcher.stop();
    rig.waker.close();
    await rig.source.close();
  }

  await startSender();
  return rig;
}

function merge(one: object, two: object): object {
  const out: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(two)) {
    const before = out[key];
    const isBoth = typeof before === "object" && typeof value === "object" && value !== null;
    out[key] = isBoth && !Array.isArray(value) ? { ...before, ...value } : value;
  }
  return out;
}
