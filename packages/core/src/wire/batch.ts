import { z } from "zod";

/** Version of the upload format (docs/specs/transport.md). */
export const WIRE_VERSION = 1;
/** Content type of a batch: the manifest on the first line, then the events, a line each. */
export const BATCH_TYPE = "application/vnd.sigil.batch.v1+jsonl";

const sequence = z.int().min(1);
const digest = z.string().regex(/^blake3:[0-9a-f]{64}$/);
const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);

/** Why sequences between the first and the last of a batch are not in it. */
export const gapReasonSchema = z.enum(["evicted", "corrupt", "missing", "quarantined"]).meta({
  description:
    "`evicted`: retention removed them. `corrupt`, `missing`: damaged on the sender's disk. `quarantined`: kept by the sender, because the receiver refuses them.",
});
export type BatchGapReason = z.output<typeof gapReasonSchema>;

export const batchGapSchema = z.strictObject({
  from: sequence,
  to: sequence,
  reason: gapReasonSchema,
});
export type BatchGap = Readonly<z.output<typeof batchGapSchema>>;

/**
 * The header of a batch. Every sequence from `first_sequence` to `last_sequence` is a line or in `gaps`, so lines and
 * sequences can be told apart without a number on each line.
 */
export const batchManifestSchema = z
  .strictObject({
    wire_version: z.literal(WIRE_VERSION),
    batch_id: ulid.meta({ description: "ULID; equal when the same batch is sent again." }),
    host_id: z.string().min(1).max(128),
    stream: z.enum(["agent", "sender"]).meta({
      description: "Whose spool: what the agent recorded, or the sender's notes about itself.",
    }),
    spool_id: ulid,
    first_sequence: sequence,
    last_sequence: sequence,
    count: z.int().min(0).meta({ description: "Lines in this batch." }),
    bytes: z.int().min(0).meta({ description: "Of all lines with their newlines." }),
    digest: digest.meta({ description: "BLAKE3 of all lines with their newlines." }),
    previous: digest.nullable().meta({
      description:
        "Chain digest (`chainDigest`) of the batch that ended at first_sequence - 1; null when the sender has none.",
    }),
    gaps: z.array(batchGapSchema).max(65_536),
  })
  .meta({ id: "batch", title: "Batch manifest", description: "First line of `POST /v1/events`." });
export type BatchManifest = Readonly<z.output<typeof batchManifestSchema>>;

/** The sequences that a batch has lines for, in the order of its lines. */
export function* sequencesOf(
  manifest: Pick<BatchManifest, "first_sequence" | "last_sequence" | "gaps">,
): Generator<number> {
  let next = manifest.first_sequence;
  for (const { from, to } of manifest.gaps) {
    for (; next < from; next += 1) yield next;
    next = to + 1;
  }
  for (; next <= manifest.last_sequence; next += 1) yield next;
}

/**
 * What is wrong with the numbers of a manifest that its schema cannot say, or null: gaps are in order, apart and inside
 * the range, and `count` is what they leave.
 */
export function manifestProblem(manifest: BatchManifest): string | null {
  const { first_sequence, last_sequence, count, gaps } = manifest;
  if (last_sequence < first_sequence) return "last_sequence is before first_sequence";
  let left = last_sequence - first_sequence + 1;
  let next = first_sequence;
  for (const { from, to } of gaps) {
    if (from < next || to < from || to > last_sequence) return "gaps are not in order";
    left -= to - from + 1;
    next = to + 1;
  }
  return left === count ? null : `count is ${count}, the sequences leave ${left}`;
}

/**
 * What the chain digest of a batch is taken over: NUL-separated, as ASCII. A batch names its predecessor's, so a batch
 * that was left out, put in or changed afterwards shows at the next one.
 */
export function chainText(
  manifest: Pick<
    BatchManifest,
    "spool_id" | "first_sequence" | "last_sequence" | "digest" | "previous"
  >,
): string {
  const { spool_id, first_sequence, last_sequence, digest: lines, previous } = manifest;
  return [spool_id, first_sequence, last_sequence, lines, previous ?? ""].join("\0");
}
