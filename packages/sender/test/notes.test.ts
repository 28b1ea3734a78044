import { decodeEvent, eventSchema } from "@sigil/core";
import { loadHasher } from "@sigil/ports/hash";
import { exportSpool, openConsumer } from "@sigil/spool";
import { tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openNotes, type SenderNotes } from "../src/notes.ts";
import type { SenderEvidence } from "../src/ports.ts";

const hash = loadHasher();
const lock = { acquire: () => ({ release: () => undefined }) };
const now = () => Date.parse("2026-05-10T07:14:32.512Z");
const lag: SenderEvidence = {
  kind: "sender_lag",
  state: "behind",
  events: 1,
  bytes: 2,
  age_s: 3,
  reason: null,
};

let dir: TempDir;
let hostId: string;
let warned: string[];
beforeEach(() => {
  dir = tempDir();
  hostId = "host-1";
  warned = [];
});
afterEach(() => dir.remove());

const config = () => ({ notesDir: dir.at("notes"), notesCheckpointDir: dir.at("checkpoint") });

const open = (): Promise<SenderNotes> =>
  openNotes({
    config: config(),
    hash,
    lock,
    now,
    hostId: () => hostId,
    log: { warn: (_facts: unknown, text?: string) => void warned.push(String(text)) } as never,
  });

async function lines(): Promise<string[]> {
  const found: string[] = [];
  for await (const { bytes } of exportSpool({ dir: dir.at("notes"), hash }))
    found.push(bytes.toString());
  return found;
}

describe("notes", () => {
  it("become events of the contract, about the sender itself", async () => {
    const notes = await open();
    notes.tell(lag);
    await notes.settled();
    const [line = ""] = await lines();
    const event = eventSchema.parse(JSON.parse(line));
    expect(event).toMatchObject({
      host_id: "host-1",
      ts: "2026-05-10T07:14:32.512Z",
      severity: "warn",
      source: { kind: "sender" },
      subject: { kind: "self" },
      evidence: lag,
      target_id: null,
    });
    await notes.close();
  });

  it("keep the last host id that was known", async () => {
    const notes = await open();
    notes.tell(lag);
    hostId = "";
    notes.tell(lag);
    await notes.close();
    const hosts = (await lines()).map((line) => {
      const decoded = decodeEvent(line);
      return decoded.kind === "event" && decoded.event.host_id;
    });
    expect(hosts).toEqual(["host-1", "host-1"]);
  });

  it("are lost in numbers, never in exceptions, when they cannot be kept", async () => {
    const notes = await open();
    await notes.close();
    expect(() => notes.tell(lag)).not.toThrow();
    notes.tell(lag);
    await notes.settled();
    expect(notes.lost()).toBe(2);
    expect(warned).toHaveLength(1);
  });

  it("stay bounded on disk when nothing is shipped", async () => {
    const notes = await open();
    const long: SenderEvidence = { ...lag, reason: "x".repeat(60_000) };
    for (let round = 0; round < 30; round += 1) {
      for (let at = 0; at < 15; at += 1) notes.tell(long);
      await notes.settled();
    }
    await notes.maintain();
    const kept = (await lines()).reduce((sum, line) => sum + line.length, 0);
    expect(kept).toBeGreaterThan(10 * 1024 * 1024);
    expect(kept).toBeLessThan(17 * 1024 * 1024);
    await notes.close();
  });

  it("go when they were shipped", async () => {
    const notes = await open();
    const long: SenderEvidence = { ...lag, reason: "x".repeat(60_000) };
    for (let round = 0; round < 10; round += 1) {
      for (let at = 0; at < 15; at += 1) notes.tell(long);
      await notes.settled();
    }
    const { notesDir, notesCheckpointDir } = config();
    const options = {
      dir: notesDir,
      checkpointDir: notesCheckpointDir,
      hash,
      lock,
      clock: { now },
    };
    const consumer = await openConsumer(options);
    const { last } = await consumer.read({ maxLines: 1000, maxBytes: 1e9 });
    await consumer.ack(last);
    await consumer.close();
    await notes.maintain();
    expect((await lines()).length).toBeLessThan(100);
    await notes.close();
  });
});
