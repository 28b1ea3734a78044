import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, messageOf } from "@sigil/core/plain";
import { z } from "zod";
import { writeAtomically } from "./atomic.ts";
import { fail } from "./errors.ts";

/** Largest file that is read. Bytes. */
const MAX_BYTES = 4096;
/** The newest, and the one before it: a crash may come between this file and the checkpoint. */
const KEPT = 2;

const linkSchema = z.strictObject({
  sequence: z.int().min(1),
  chain: z.string().regex(/^blake3:[0-9a-f]{64}$/),
});

const fileSchema = z.strictObject({
  schema_version: z.literal(1),
  spool_id: z.string().max(64),
  links: z.array(linkSchema).max(KEPT),
});

/**
 * Which batch ended where. Only this host's own memory: what a receiver says it has is never taken for what was sent,
 * or the chain would prove nothing. Where the memory is gone a batch has no `previous`, and the receiver's ledger shows it.
 */
export interface ChainMemory {
  /** Chain digest of the batch that ended at a sequence; null when it is not remembered. */
  at(sequence: number): string | null;
  /** Durable when it resolves. @throws SIGIL_SENDER_CHAIN */
  remember(sequence: number, chain: string): Promise<void>;
}

/** @param directory where the checkpoint is; what is there of another spool, or not readable, is as nothing */
export async function openChain(directory: string, spoolId: string): Promise<ChainMemory> {
  const path = join(directory, "chain.json");
  let links = await readLinks(path, spoolId);
  return {
    at: (sequence) => links.find((link) => link.sequence === sequence)?.chain ?? null,
    async remember(sequence, chain) {
      const older = links.filter((link) => link.sequence < sequence);
      const next = [...older.slice(1 - KEPT), { sequence, chain }];
      const file = { schema_version: 1, spool_id: spoolId, links: next };
      try {
        await writeAtomically(path, `${JSON.stringify(file)}\n`, { durable: true });
      } catch (error) {
        const context = { errno: errnoOf(error) };
        const message = `cannot write ${path}: ${messageOf(error)}`;
        throw fail("SIGIL_SENDER_CHAIN", message, { cause: error, context });
      }
      links = next;
    },
  };
}

type Links = readonly z.output<typeof linkSchema>[];

async function readLinks(path: string, spoolId: string): Promise<Links> {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(await readSmall(path)));
    return parsed.success && parsed.data.spool_id === spoolId ? parsed.data.links : [];
  } catch {
    return [];
  }
}

/** Not through a link, not from a FIFO. */
async function readSmall(path: string): Promise<string> {
  // Absent on Windows, where they read as 0.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const facts = await handle.stat();
    return facts.isFile() && facts.size <= MAX_BYTES ? await handle.readFile("utf8") : "";
  } finally {
    await handle.close();
  }
}
