import {
  defineErrors,
  errnoOf,
  errorFactory,
  messageOf,
  SigilError,
  type ErrorContext,
} from "@sigil/core/plain";
import { MAX_SEQUENCE } from "./layout.ts";

/** Every failure this package throws. `docs/reference/errors.md` is generated from this table. */
export const SPOOL_ERRORS = defineErrors({
  SIGIL_SPOOL_OWNER: {
    summary: "The spool directory is a link, not a directory, or belongs to another user.",
    hint: "Point the spool at a real directory owned by the user that runs this process, or by root.",
  },
  SIGIL_SPOOL_LOCKED: {
    summary: "Another process holds the lock of this directory.",
    hint: "Stop the other process first; only one may write a spool or its checkpoint.",
  },
  SIGIL_SPOOL_ABSENT: {
    summary: "There is no spool in this directory yet.",
    hint: "Start the producer once, or check the path.",
  },
  SIGIL_SPOOL_SETTING: {
    summary: "A spool setting is out of range.",
    hint: "See SPOOL_DEFAULTS for the unit and the default of each setting.",
  },
  SIGIL_SPOOL_LINE: {
    summary: "A line is empty or has a newline inside.",
    hint: "Append one JSON value a line, without the newline.",
  },
  SIGIL_SPOOL_LINE_TOO_LARGE: {
    summary: "A line is longer than line_max_bytes.",
    hint: "Raise line_max_bytes or shorten the event.",
  },
  SIGIL_SPOOL_APPEND_TOO_LARGE: {
    summary: "One append holds more bytes than group_max_bytes.",
    hint: "Append fewer lines at once.",
  },
  SIGIL_SPOOL_QUEUE_FULL: {
    summary: "More bytes wait to be written than queue_max_bytes allows.",
    hint: "Wait for earlier appends to settle before appending more.",
  },
  SIGIL_SPOOL_FULL: {
    summary: "There is no room left for the spool.",
    hint: "Free disk space, raise the quota, or let retention evict.",
  },
  SIGIL_SPOOL_IO: {
    summary: "An operation on a spool file failed.",
    hint: "Check the disk and the permissions of the spool directory.",
  },
  SIGIL_SPOOL_CLOSED: {
    summary: "The producer or consumer was used after it was closed.",
    hint: "Open it again.",
  },
  SIGIL_SPOOL_CORRUPT: {
    summary: "The spool cannot be opened as it is.",
    hint: "Run the verify command to see what is wrong, then the repair command.",
  },
  SIGIL_SPOOL_SPENT: {
    summary: "The spool has no sequence left to give.",
    hint: "No spool is written that long: its mark or a manifest was made by hand. Move the directory aside; another is begun.",
  },
  SIGIL_SPOOL_ACK_RANGE: {
    summary: "An acknowledged sequence was never read, or is older than the checkpoint.",
    hint: "Acknowledge the `last` of a read.",
  },
  SIGIL_SPOOL_REPLACED: {
    summary: "The spool directory now holds another spool.",
    hint: "Close the consumer and open it again.",
  },
});

export type SpoolErrorCode = keyof typeof SPOOL_ERRORS;

export const spoolError = errorFactory(SPOOL_ERRORS);

/** No reader gives a sequence above the last one: none is acknowledged. @throws SIGIL_SPOOL_SPENT */
export function checkLeft(sequence: number): void {
  if (sequence <= MAX_SEQUENCE) return;
  const message = `sequence ${sequence} is above ${MAX_SEQUENCE}, the last there is`;
  throw spoolError("SIGIL_SPOOL_SPENT", message, { context: { sequence } });
}

const NO_ROOM = new Set(["ENOSPC", "EDQUOT", "EFBIG", "SQLITE_FULL"]);

/** Turns what a files port threw into `SIGIL_SPOOL_FULL` or `SIGIL_SPOOL_IO`, keeping the cause. */
export function ioError(cause: unknown, doing: string, context: ErrorContext = {}) {
  const errno = errnoOf(cause);
  const code = NO_ROOM.has(errno ?? "") ? "SIGIL_SPOOL_FULL" : "SIGIL_SPOOL_IO";
  const facts = errno === null ? context : { ...context, errno };
  return spoolError(code, `${doing}: ${messageOf(cause)}`, { cause, context: facts });
}

/** Runs a clean-up whose failure must not hide the error that made it necessary. */
export async function quietly(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}

/** Runs work over a files port so that everything it throws carries a code. */
export async function coded<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SigilError ? error : ioError(error, doing);
  }
}
