import {
  nodeFiles,
  openQuarantine,
  type Quarantine,
  type QuarantineHeader,
  type SpoolFiles,
} from "@sigil/spool";
import type { SenderConfig } from "./config.ts";
import { fail } from "./errors.ts";
import { STREAMS, streamPlaces, type StreamName } from "./places.ts";

/** One refused event as it is kept, `id` such as `agent/000000000001.entry`. */
export type RefusedEntry = {
  readonly id: string;
  readonly stream: StreamName;
  readonly header: QuarantineHeader;
};

export type RefusedPayload = RefusedEntry & { readonly payload: Buffer };

/** A sender may be writing the same directory just now: what it has half written is none of ours to clear away. */
const LOOKING: SpoolFiles = {
  ...nodeFiles,
  create: () => Promise.reject(new Error("this only looks")),
  unlink: () => Promise.resolve(),
};

/** Oldest first, the agent's events before the sender's notes; changes nothing. @throws SIGIL_SPOOL_OWNER, SIGIL_SPOOL_IO */
export async function listRefused(config: SenderConfig): Promise<RefusedEntry[]> {
  const found: RefusedEntry[] = [];
  for (const stream of STREAMS) {
    const quarantine = await openToLook(config, stream);
    if (quarantine === null) continue;
    for (const { id, header } of await quarantine.list())
      found.push({ id: `${stream}/${id}`, stream, header });
  }
  return found;
}

/** @throws SIGIL_SENDER_QUARANTINE_ENTRY when there is none of that id */
export async function readRefused(config: SenderConfig, id: string): Promise<RefusedPayload> {
  const [stream, name = ""] = id.split("/", 2);
  const known = STREAMS.find((one) => one === stream);
  const quarantine = known === undefined ? null : await openToLook(config, known);
  const entry = await quarantine?.read(name);
  if (known === undefined || !entry)
    throw fail("SIGIL_SENDER_QUARANTINE_ENTRY", `there is no entry ${JSON.stringify(id)}`);
  return { id, stream: known, header: entry.header, payload: entry.payload };
}

/** @returns null when nothing was ever refused */
async function openToLook(config: SenderConfig, stream: StreamName): Promise<Quarantine | null> {
  const dir = streamPlaces(config, stream).quarantineDir;
  if ((await nodeFiles.lstat(dir)) === null) return null;
  return await openQuarantine({ dir, files: LOOKING, clock: { now: () => Date.now() } });
}
