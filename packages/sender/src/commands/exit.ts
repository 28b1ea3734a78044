import type { ErrorStyle } from "@sigil/cli";
import { errnoOf, messageOf, SigilError } from "@sigil/core/plain";

/** How this program speaks of errors. */
export const STYLE: ErrorStyle = {
  program: "sigil-sender",
  config:
    /^SIGIL_(?:HOST_MODE|HOST_HOME|HOST_SOCKET|SPOOL_OWNER|SPOOL_SETTING|SENDER_(?:SERVER|PROXY|CERTIFICATE|KEY|CA$))/,
  hints: {
    SIGIL_SPOOL_ABSENT: "`sigil run` makes it; --events-dir names another",
    SIGIL_SPOOL_IO: "check the disk, and who owns the directory and may write it",
    SIGIL_SPOOL_CORRUPT: "`sigil spool verify` says what is wrong, `sigil spool repair` mends it",
  },
};

/**
 * The spool says "locked" for whatever its lock throws; the lock's own cause knows whether another process holds it
 * or it could not be taken at all.
 */
export function plainest(error: unknown): unknown {
  if (!(error instanceof SigilError) || error.code !== "SIGIL_SPOOL_LOCKED") return error;
  const { cause } = error;
  const sqlite = errnoOf(cause) === "SIGIL_SENDER_RUNNING" ? (cause as SigilError).cause : cause;
  if (errnoOf(sqlite)?.startsWith("SQLITE_BUSY")) return cause;
  if (errnoOf(sqlite)?.startsWith("SQLITE_") !== true) return error;
  const message = `cannot lock ${String(error.context["dir"])}: ${messageOf(sqlite)}`;
  return new SigilError("SIGIL_SPOOL_IO", message, { cause });
}
