import { Buffer } from "node:buffer";
import { join } from "node:path";
import { ulid } from "ulid";
import { writeAtomic } from "./atomic-file.ts";
import type { SpoolFiles } from "./files.ts";
import { IDENTITY_NAME } from "./layout.ts";
import { timestamp, type SpoolClock } from "./ports.ts";
import { isSpoolId, parseObject, readSmall } from "./read-file.ts";

const IDENTITY_MAX_BYTES = 4096;

export type IdentityOutcome =
  | { readonly kind: "absent" }
  | { readonly kind: "invalid"; readonly why: string }
  | { readonly kind: "read"; readonly spool_id: string };

export async function readIdentity(files: SpoolFiles, dir: string): Promise<IdentityOutcome> {
  const outcome = await readSmall(files, join(dir, IDENTITY_NAME), IDENTITY_MAX_BYTES);
  if (outcome.kind === "absent") return outcome;
  if (outcome.kind !== "read") return { kind: "invalid", why: outcome.kind };
  const id = parseObject(outcome.bytes)?.["spool_id"];
  return isSpoolId(id) ? { kind: "read", spool_id: id } : { kind: "invalid", why: "not_a_spool" };
}

export async function writeIdentity(
  files: SpoolFiles,
  dir: string,
  clock: SpoolClock,
  spoolId: string = ulid(clock.now()),
): Promise<string> {
  const identity = { schema_version: 1, spool_id: spoolId, created_at: timestamp(clock) };
  await writeAtomic(files, join(dir, IDENTITY_NAME), Buffer.from(`${JSON.stringify(identity)}\n`));
  return spoolId;
}
