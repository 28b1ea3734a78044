import { plainestLock, type ErrorStyle } from "@sigil/cli";

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

/** An error as the reader of a command line is told of it. */
export function plainest(error: unknown): unknown {
  return plainestLock(error, "SIGIL_SENDER_RUNNING");
}
