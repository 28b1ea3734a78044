import { z } from "zod";
import { hostIdStrategySchema, type HostIdStrategy } from "@sigil/core";
import { parseState, type TrustState } from "@sigil/signer/verify";

/** The delivery in force; the trust state says what it must be. */
export interface Kept {
  /** Its name beside this memory. */
  readonly file: string;
  /** How this host's id was found when it was accepted; the policy itself may have changed that since. */
  readonly strategy: HostIdStrategy;
}

export interface Refusal {
  readonly reason: string;
  readonly detail: string;
  /** RFC 3339. */
  readonly at: string;
}

/** What must outlive the process, or a policy of yesterday could come back. */
export interface Memory {
  readonly trust: TrustState;
  readonly kept: Kept | null;
  /** The last one, for whoever asks. */
  readonly refused: Refusal | null;
}

/** Names hold nothing but digits and hex: what this memory names is beside it. */
const FILE = /^delivery-\d{1,16}-[0-9a-f]{12}\.json$/;

/** Built when there is a memory to read: an agent without signed policy loads no schema. */
function memorySchema() {
  const refused = z.strictObject({ reason: z.string(), detail: z.string(), at: z.string() });
  const kept = z.strictObject({ file: z.string().regex(FILE), strategy: hostIdStrategySchema });
  return z.strictObject({
    schema_version: z.literal(1),
    trust: z.unknown(),
    kept: kept.nullable(),
    refused: refused.nullable(),
  });
}

export function isDeliveryName(name: string): boolean {
  return FILE.test(name);
}

export function encodeMemory(memory: Memory): Buffer {
  return Buffer.from(`${JSON.stringify({ schema_version: 1, ...memory })}\n`);
}

/** @returns null for anything that {@link encodeMemory} did not write */
export function decodeMemory(bytes: Buffer): Memory | null {
  const parsed = memorySchema().safeParse(json(bytes));
  if (!parsed.success) return null;
  const { trust: given, kept, refused } = parsed.data;
  const trust = parseState(Buffer.from(JSON.stringify(given ?? null)));
  return trust && { trust, kept, refused };
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
