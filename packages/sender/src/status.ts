import { nodeFiles } from "@sigil/host";
import { z } from "zod";
import { writeAtomically } from "./atomic.ts";

const count = z.int().min(0);
const time = z.string().nullable();

const streamSchema = z.looseObject({
  state: z.enum(["shipping", "idle", "waiting", "refused"]),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  /** Null: there is no spool yet, or it cannot be measured. */
  lag: z.looseObject({ events: count, bytes: count, age_s: count }).nullable(),
  events_acked_total: count,
  batches_acked_total: count,
  events_quarantined_total: count,
  retries_total: count,
  bytes_sent_total: count,
  last_ack_at: time,
});

/** What a running sender writes about itself every few seconds, and what `sigil-sender status` reads. */
export const senderStatusSchema = z.looseObject({
  schema_version: z.literal(1),
  version: z.string(),
  pid: count,
  mode: z.enum(["user", "system"]),
  started_at: z.string(),
  updated_at: z.string(),
  /** Null: it runs, or did not get to say goodbye. */
  ended_at: time,
  uptime_s: count,
  server: z.string(),
  host_id: z.string(),
  state: streamSchema.shape.state,
  streams: z.looseObject({ agent: streamSchema, sender: streamSchema }),
  certificate: z.looseObject({
    serial: z.string(),
    not_after: z.string(),
    /** Null: it can be used. */
    problem: z.string().nullable(),
  }),
  policy: z.looseObject({
    etag: z.string().nullable(),
    asked_at: time,
    outcome: z.string().nullable(),
    reason: z.string().nullable(),
    detail: z.string().nullable(),
    version: z.int().nullable(),
    policy_version: z.string().nullable(),
    answered_at: time,
  }),
  notes_lost: count,
  memory_mb: count,
  conditions: z.array(
    z.looseObject({
      code: z.string(),
      severity: z.enum(["info", "warn", "high"]),
      title: z.string(),
      detail: z.string(),
      since: z.string(),
    }),
  ),
});

export type SenderStatus = Readonly<z.output<typeof senderStatusSchema>>;
export type StreamStatus = Readonly<z.output<typeof streamSchema>>;

/** Bytes. */
const MAX_BYTES = 256 * 1024;

/** @throws what the file system throws */
export async function writeStatus(file: string, status: SenderStatus): Promise<void> {
  await writeAtomically(file, `${JSON.stringify(status, null, 2)}\n`);
}

/** What the last sender wrote. @returns null when there is nothing that can be read */
export async function readStatus(file: string): Promise<SenderStatus | null> {
  const outcome = await nodeFiles().read(file, { maxBytes: MAX_BYTES });
  if (outcome.kind !== "read") return null;
  try {
    const parsed = senderStatusSchema.safeParse(JSON.parse(outcome.text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
