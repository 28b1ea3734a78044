import { databaseLock, lockFile } from "@sigil/ports/lock";
import type { SpoolLease } from "@sigil/spool";
import { fail } from "./errors.ts";

const held = (file: string, cause: unknown) =>
  fail("SIGIL_AGENT_RUNNING", `another process holds ${file}`, { cause });

/** One agent a spool. */
export const agentLock = databaseLock(held);

/** One agent a state database: what one of two with different spools recorded, the other would take for told. */
export function lockState(path: string): SpoolLease {
  return lockFile(`${path}.lock`, held);
}
