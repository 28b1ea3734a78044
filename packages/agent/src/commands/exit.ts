import { exitCodeOf as codeOf, hintOf as hint, plainestLock, type ErrorStyle } from "@sigil/cli";

/** How this program speaks of errors. */
export const STYLE: ErrorStyle = {
  program: "sigil",
  config:
    /^SIGIL_(?:POLICY|TRUST|RISK_WEIGHT|HOST_MODE|HOST_HOME|HOST_ID|HOST_SOCKET|SPOOL_OWNER|SPOOL_SETTING)/,
  hints: {
    SIGIL_SPOOL_ABSENT: "`sigil run` makes it; --events-dir names another",
    SIGIL_SPOOL_FULL: "make room on the disk of the spool; `sigil doctor` says how much there is",
    SIGIL_SPOOL_OWNER:
      "find out who put it there; the spool must be a real directory of this user or of root",
    SIGIL_SPOOL_IO: "check the disk, and who owns the spool directory and may write it",
    SIGIL_SPOOL_CORRUPT: "`sigil spool verify` says what is wrong, `sigil spool repair` mends it",
  },
};

/** An error as the reader of a command line is told of it. */
export function plainest(error: unknown): unknown {
  return plainestLock(error, "SIGIL_AGENT_RUNNING");
}

/** The exit code an error stands for. */
export function exitCodeOf(error: unknown): number {
  return codeOf(error, STYLE);
}

/** What to do about an error, if anything is known. */
export function hintOf(error: unknown): string | undefined {
  return hint(error, STYLE);
}
