import { messageOf } from "@sigil/core/plain";
import { loadHasher } from "@sigil/ports/hash";
import { tailSpool } from "@sigil/spool";
import { z } from "zod";
import { askAgent } from "../control.ts";
import { fail } from "../errors.ts";
import { hostIdOf } from "../host.ts";

const statusSchema = z.looseObject({ host_id: z.string().min(1).max(128) });

/** Milliseconds. */
const ANSWER_MS = 5000;

export type HostIdSources = { readonly controlPath: string; readonly spoolDir: string };

/**
 * The host id that events carry: the running agent knows it, else the last event says it.
 * @throws SIGIL_SENDER_ENROLL_HOST
 */
export async function findHostId(sources: HostIdSources): Promise<string> {
  return (await ofAgent(sources.controlPath)) ?? (await ofSpool(sources.spoolDir));
}

async function ofAgent(path: string): Promise<string | null> {
  try {
    const status = await askAgent(path, { op: "status" }, ANSWER_MS);
    const parsed = statusSchema.safeParse(status);
    return parsed.success ? parsed.data.host_id : null;
  } catch {
    return null;
  }
}

async function ofSpool(dir: string): Promise<string> {
  try {
    const lines = await tailSpool(dir, 1, { hash: loadHasher() });
    const last = lines.at(-1);
    const hostId = last === undefined ? null : hostIdOf(last.bytes);
    if (hostId !== null) return hostId;
  } catch (error) {
    const why = `no agent runs, and its spool tells nothing either: ${messageOf(error)}`;
    throw fail("SIGIL_SENDER_ENROLL_HOST", why, { cause: error });
  }
  throw fail("SIGIL_SENDER_ENROLL_HOST", "no agent runs, and it has recorded no event yet");
}
