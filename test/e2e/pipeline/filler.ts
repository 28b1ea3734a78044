// Appends distinct events to a spool until it is told to stop or killed. Arguments: one JSON object, `FillerOrder`.
import { randomBytes, randomUUIDv7 } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeEvent, makeEvent, type SigilEvent } from "@sigil/core";
import { loadHasher } from "@sigil/ports/hash";
import { databaseLock } from "@sigil/ports/lock";
import { openProducer } from "@sigil/spool";
import type { Acknowledged, FillerOrder } from "./fill.ts";

const order = JSON.parse(process.argv[2] ?? "{}") as FillerOrder;
const hasher = loadHasher();
const encoder = new TextEncoder();
let stopped = false;
process.once("SIGTERM", () => (stopped = true));

const producer = await openProducer({
  dir: order.spool,
  hash: hasher,
  lock: databaseLock((file) => new Error(`${file} is held`)),
  clock: { now: Date.now },
  settings: { min_free_bytes: 0, ...order.settings },
});
process.stderr.write("filling\n");

for (let made = 0; !stopped && made < order.events;) {
  const size = Math.min(order.append, order.events - made);
  const events = Array.from({ length: size }, newEvent);
  made += size;
  try {
    const range = await producer.append(events.map((event) => encoder.encode(encodeEvent(event))));
    // Written in one piece, and only now: what stands here was acknowledged.
    const told: Acknowledged = { ...range, ids: events.map(({ event_id }) => event_id) };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  } catch (error) {
    process.stderr.write(`refused: ${String(error)}\n`);
    await sleep(50);
  }
  if (order.pause_ms > 0) await sleep(order.pause_ms);
}
await producer.close();

function digest(): string {
  return `blake3:${randomBytes(32).toString("hex")}`;
}

/** About 600 bytes, and unlike any other. */
function newEvent(): SigilEvent {
  const name = randomBytes(18).toString("hex");
  return makeEvent(
    { hostId: order.host, agentVersion: "0.1.0" },
    {
      eventId: randomUUIDv7(),
      ts: new Date().toISOString(),
      severity: "warn",
      source: "file_system",
      subject: { kind: "path", value: `/home/somebody/.claude/hooks/${name}.sh` },
      evidence: {
        kind: "file_change",
        change_kind: "modified",
        before_hash: digest(),
        after_hash: digest(),
        size_after: 2048,
        evidence_quality: "definitive",
        coalesced_count: 1,
        rename_from: null,
        mode_before: "0644",
        mode_after: "0644",
        symlink_target: null,
        git_tracked: null,
      },
      targetId: "claude-code-hooks",
      dedupKey: randomBytes(16).toString("hex"),
    },
  );
}
