import { z } from "zod";
import { WIRE_VERSION } from "./batch.ts";

const digest = z.string().regex(/^blake3:[0-9a-f]{64}$/);

/** Why the receiver refused one event of a batch; the sender keeps the event in its quarantine. */
export const rejectionReasonSchema = z.enum([
  "not_json",
  "not_an_event",
  "host_id_mismatch",
  "too_large",
  "event_id_conflict",
]);
export type RejectionReason = z.output<typeof rejectionReasonSchema>;

/** The receiver's word: every line of the batch is durable, known already, or refused for good. */
export const ackSchema = z
  .looseObject({
    wire_version: z.literal(WIRE_VERSION),
    batch_id: z.string().meta({ description: "Of the batch this answers." }),
    digest: digest.meta({ description: "Of the batch this answers." }),
    accepted: z.int().min(0),
    duplicate: z.int().min(0).meta({ description: "Known before, byte for byte." }),
    rejected: z.array(
      z.looseObject({
        sequence: z.int().min(1),
        event_id: z.string().nullable(),
        reason: z.string().meta({ description: "See the table in docs/specs/transport.md." }),
        detail: z.string().optional(),
      }),
    ),
    high_water: z.int().min(0).meta({ description: "Last sequence of this spool the server has." }),
  })
  .meta({ id: "ack", title: "Acknowledgement", description: "Answer to `POST /v1/events`." });
export type Ack = Readonly<z.output<typeof ackSchema>>;
