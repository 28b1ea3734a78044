import { databaseLock } from "@sigil/ports/lock";
import { fail } from "./errors.ts";

/** One agent a spool. */
export const agentLock = databaseLock((file, cause) =>
  fail("SIGIL_AGENT_RUNNING", `another process holds ${file}`, { cause }),
);
