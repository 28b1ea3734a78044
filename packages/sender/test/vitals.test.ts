import { loadHasher } from "@sigil/ports/hash";
import { openConsumer, openProducer, type Producer } from "@sigil/spool";
import { fakeClock, tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConditions, type Conditions } from "../src/conditions.ts";
import { configOf } from "../src/config.ts";
import { heartbeatOf } from "../src/heartbeat.ts";
import { createMeter } from "../src/meter.ts";
import type { Credentials, SenderEvidence } from "../src/ports.ts";
import { senderSettingsSchema } from "../src/settings.ts";
import { readStatus, senderStatusSchema, writeStatus } from "../src/status.ts";
import { createVitals, type Vitals } from "../src/vitals.ts";
import { eventLine } from "./kit/rig.ts";

const hash = loadHasher();
const lock = { acquire: () => ({ release: () => undefined }) };
const AT = Date.parse("2026-05-10T07:15:32.512Z");
const DAY = 86_400_000;

let dir: TempDir;
let clock: ReturnType<typeof fakeClock>;
let conditions: Conditions;
let told: SenderEvidence[];
let meters: { agent: ReturnType<typeof createMeter>; sender: ReturnType<typeof createMeter> };
let credentials: Credentials;
let lost: number;
let vitals: Vitals;
beforeEach(() => {
  dir = tempDir();
  clock = fakeClock(AT);
  conditions = createConditions(clock.now, () => undefined);
  told = [];
  lost = 0;
  meters = { agent: createMeter(), sender: createMeter() };
  credentials = {
    hostId: "h",
    certPem: "",
    keyPem: "",
    caPem: "",
    notBefore: 0,
    notAfter: AT + 90 * DAY,
    serial: "ab",
    problem: null,
  };
  const settings = senderSettingsSchema.parse({
    lag: { warn_events: 4, warn_age_s: 1_000_000, stall_s: 30 },
    spool_dir: dir.at("spool"),
    state_dir: dir.at("state"),
    control_path: "/c",
  });
  const paths = { tls: "/tls" } as never;
  vitals = createVitals({
    config: configOf(settings, { file: "sender.yaml", required: false, paths }),
    mode: "user",
    server: "x:1",
    hasher: hash,
    clock: { now: clock.now, monotonic: clock.now },
    log: { warn: () => undefined },
    meters,
    identity: { current: () => credentials, facts: () => ({}) as never },
    notes: { tell: (evidence) => void told.push(evidence), lost: () => lost },
    conditions,
    policy: () => ({
      etag: '"1"',
      asked_at: null,
      outcome: null,
      reason: null,
      detail: null,
      version: null,
      policy_version: null,
      answered_at: null,
    }),
    startedAt: { now: AT - 5000, monotonic: AT - 5000 },
  });
});
afterEach(() => dir.remove());

const codes = () => conditions.list().map(({ code }) => code);

async function record(count: number): Promise<Producer> {
  const producer = await openProducer({ dir: dir.at("spool"), hash, lock, clock });
  await producer.append(Array.from({ length: count }, (_, at) => Buffer.from(eventLine(at))));
  await producer.close();
  return producer;
}

async function deliver(): Promise<void> {
  const options = { dir: dir.at("spool"), checkpointDir: dir.at("state"), hash, lock, clock };
  const consumer = await openConsumer(options);
  const { last } = await consumer.read();
  await consumer.ack(last);
  await consumer.close();
  meters.agent.acked({ events: last, at: clock.now() });
}

describe("vitals", () => {
  describe("when events wait and nothing is acknowledged", () => {
    it("tells once that it is up but not shipping, with the reason, and once that it is over", async () => {
      await record(3);
      meters.agent.state("waiting", "overloaded", "busy");
      await vitals.look();
      expect(told).toEqual([]);
      clock.advance(30_000);
      await vitals.look();
      await vitals.look();
      expect(told).toEqual([
        {
          kind: "sender_lag",
          state: "not_shipping",
          events: 3,
          bytes: expect.any(Number),
          age_s: 90,
          reason: "overloaded: busy",
        },
      ]);
      expect(codes().toSorted()).toEqual(["delivery-waiting", "not-shipping"]);
      await deliver();
      meters.agent.state("idle");
      await vitals.look();
      expect(told[1]).toMatchObject({ state: "caught_up", events: 0, reason: null });
      expect(codes()).toEqual([]);
    });
  });

  describe("when the backlog is large", () => {
    it("tells that it is behind, though it ships", async () => {
      await record(4);
      await vitals.look();
      expect(told).toMatchObject([{ state: "behind", events: 4 }]);
      expect(codes()).toEqual(["behind"]);
    });
  });

  describe("when there is no spool", () => {
    it("holds that against nobody", async () => {
      await vitals.look();
      expect(conditions.list()).toMatchObject([{ code: "spool-absent", severity: "info" }]);
      expect(vitals.status().streams.agent.lag).toBeNull();
    });
  });

  describe("when something is not as it should be", () => {
    it("shows for as long as it lasts", async () => {
      await record(1);
      await deliver();
      meters.agent.state("refused", "identity-mismatch");
      meters.agent.quarantined(2);
      lost = 1;
      credentials = { ...credentials, notAfter: AT + 2 * DAY };
      await vitals.look();
      const expected = [
        "delivery-refused",
        "events-quarantined",
        "notes-lost",
        "certificate-expiring",
      ];
      expect(codes()).toEqual(expected);
      const problem = { cause: "own_certificate_expired", detail: "it expired" } as const;
      credentials = { ...credentials, notAfter: AT - 1, problem };
      meters.agent.state("idle");
      await vitals.look();
      expect(codes()).toEqual(["events-quarantined", "notes-lost", "certificate-unusable"]);
    });
  });

  describe("when it is asked", () => {
    it("gives a status that can be read again, and a heartbeat of it", async () => {
      await record(3);
      meters.agent.acked({ events: 10, at: AT - 2000 });
      meters.sender.acked({ events: 1, at: AT - 9000 });
      meters.sender.sent(77);
      await vitals.look();
      const status = vitals.status();
      expect(senderStatusSchema.parse(status)).toMatchObject({ uptime_s: 5, server: "x:1" });
      const file = dir.at("status.json");
      await writeStatus(file, status);
      expect(await readStatus(file)).toEqual(status);
      expect(heartbeatOf(status, true)).toEqual({
        kind: "sender_heartbeat",
        uptime_s: 5,
        is_final: true,
        events_acked_total: 11,
        batches_acked_total: 2,
        events_quarantined_total: 0,
        retries_total: 0,
        bytes_sent_total: 77,
        lag_events: 3,
        lag_bytes: expect.any(Number),
        lag_age_s: 60,
        last_ack_age_s: 2,
        policy_etag: '"1"',
        certificate_not_after: new Date(AT + 90 * DAY).toISOString(),
      });
    });

    it("reads nothing from a file that is no status", async () => {
      expect(await readStatus(dir.at("none"))).toBeNull();
      expect(await readStatus(dir.write("a", "{"))).toBeNull();
      expect(await readStatus(dir.write("b", '{"schema_version":1}'))).toBeNull();
      expect(await readStatus(dir.write("c", "x".repeat(300_000)))).toBeNull();
    });
  });
});
