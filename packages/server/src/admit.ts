import { isUtf8 } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import {
  batchManifestSchema,
  chainText,
  manifestProblem,
  sequencesOf,
  toDigest,
  type BatchManifest,
  type DigestPort,
} from "@sigil/core";
import type { Identified } from "./identify.ts";
import { checkLine, type LineLimits } from "./line.ts";
import { refuse, type Refusal } from "./problem.ts";
import type { AdmittedBatch, AdmittedEvent, RejectedEvent } from "./store/model.ts";

export type AdmitLimits = LineLimits & { readonly maxEvents: number };

export type Admitted = {
  readonly kind: "batch";
  readonly batch: Omit<AdmittedBatch, "receivedAt">;
};

/** Longest manifest: as many gaps as its schema allows. Bytes. */
const MAX_MANIFEST = 8 * 1024 * 1024;
/** Lines looked at before other requests get their turn. */
const LINES_A_TURN = 2000;
const NEWLINE = 0x0a;

/**
 * Checks an unpacked batch: its form, whose it is, that its lines are those the manifest speaks of; then every line by
 * itself. A batch is refused whole for what is wrong with the batch, a line alone for what is wrong with the line.
 */
export async function admitBatch(
  bytes: Buffer,
  who: Identified,
  hash: DigestPort,
  limits: AdmitLimits,
): Promise<Admitted | Refusal> {
  const head = readManifest(bytes, who, limits);
  if (head.kind === "refused") return head;
  const { manifest, lines } = head;
  const mismatch = differs(manifest, lines, hash);
  if (mismatch !== null) return refuse("batch-digest", mismatch);
  const found = await checkLines(manifest, lines, limits);
  if (found === null) return refuse("batch-digest", "count is not the number of lines");
  const chain = toDigest(hash.digest(Buffer.from(chainText(manifest))));
  const { serial, group } = who;
  return { kind: "batch", batch: { manifest, chain, serial, group, ...found } };
}

type Head = { readonly kind: "head"; readonly manifest: BatchManifest; readonly lines: Buffer };

function readManifest(bytes: Buffer, who: Identified, limits: AdmitLimits): Head | Refusal {
  const end = bytes.subarray(0, MAX_MANIFEST).indexOf(NEWLINE);
  if (end === -1) return refuse("batch-malformed", "there is no manifest line");
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8", 0, end));
  } catch {
    return refuse("batch-malformed", "the manifest is not JSON");
  }
  const parsed = batchManifestSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse("batch-malformed", `manifest: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const manifest = parsed.data;
  const wrong = manifestProblem(manifest);
  if (wrong !== null) return refuse("batch-malformed", `manifest: ${wrong}`);
  if (manifest.host_id !== who.hostId) return refuse("identity-mismatch");
  if (manifest.count > limits.maxEvents)
    return refuse("batch-too-large", `a batch has at most ${limits.maxEvents} events`);
  return { kind: "head", manifest, lines: bytes.subarray(end + 1) };
}

/** How the lines differ from what the manifest says, or null. */
function differs(manifest: BatchManifest, lines: Buffer, hash: DigestPort): string | null {
  if (lines.length !== manifest.bytes)
    return `there are ${lines.length} bytes of lines, bytes says ${manifest.bytes}`;
  if (toDigest(hash.digest(lines)) !== manifest.digest) return "the digest is another";
  return null;
}

type Found = {
  readonly events: readonly AdmittedEvent[];
  readonly rejected: readonly RejectedEvent[];
};

/** @returns null when there are more or fewer lines than sequences */
async function checkLines(
  manifest: BatchManifest,
  lines: Buffer,
  limits: AdmitLimits,
): Promise<Found | null> {
  const events: AdmittedEvent[] = [];
  const rejected: RejectedEvent[] = [];
  const isText = isUtf8(lines);
  let at = 0;
  let seen = 0;
  for (const sequence of sequencesOf(manifest)) {
    const end = lines.indexOf(NEWLINE, at);
    if (end === -1) return null;
    const line = lines.subarray(at, end);
    at = end + 1;
    if (isText || isUtf8(line)) {
      const checked = checkLine(line, manifest.host_id, limits);
      if (checked.kind === "event") events.push({ ...checked.event, sequence, line });
      else
        rejected.push({
          sequence,
          eventId: checked.eventId,
          reason: checked.reason,
          detail: checked.detail,
        });
    } else
      rejected.push({ sequence, eventId: null, reason: "not_json", detail: "it is not UTF-8" });
    seen += 1;
    if (seen % LINES_A_TURN === 0) await turn();
  }
  return at === lines.length ? { events, rejected } : null;
}
