import { z } from "zod";
import { WIRE_VERSION } from "./batch.ts";

const digest = z.string().regex(/^blake3:[0-9a-f]{64}$/);

/** How far the receiver has one spool. */
export const spoolHeadSchema = z.looseObject({
  spool_id: z.string(),
  last_sequence: z.int().min(0).meta({
    description: "Everything up to here is stored or a gap the sender named; 0: nothing.",
  }),
  chain: digest.nullable().meta({ description: "Chain digest of the batch that ended there." }),
});
export type SpoolHead = Readonly<z.output<typeof spoolHeadSchema>>;

/**
 * Answer to `GET /v1/hello?spool_id=…&spool_id=…`, asked before the first batch of each connection: under TLS 1.3 a
 * client learns only from the first answer whether its certificate was accepted (RFC 8446 §4.4.2).
 */
export const helloSchema = z
  .looseObject({
    wire_version: z.literal(WIRE_VERSION),
    server: z.string().meta({ description: "Name and version." }),
    host_id: z.string().meta({ description: "Whom the server takes this connection for." }),
    group: z.string().meta({ description: "The host's policy group." }),
    time: z.iso.datetime({ precision: 3 }),
    limits: z.looseObject({
      max_body_bytes: z.int().min(1).meta({ description: "Of a batch, as it is sent." }),
      max_batch_bytes: z.int().min(1).meta({ description: "Of a batch, unpacked." }),
      max_events: z.int().min(1),
      max_event_bytes: z.int().min(1),
    }),
    encodings: z.array(z.string()).meta({ examples: [["zstd", "gzip", "identity"]] }),
    spools: z.array(spoolHeadSchema).meta({ description: "Of the spools that were asked for." }),
  })
  .meta({ id: "hello", title: "Hello", description: "Answer to `GET /v1/hello`." });
export type Hello = Readonly<z.output<typeof helloSchema>>;
