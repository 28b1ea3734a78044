import { errnoOf } from "@sigil/core/plain";
import { ioError, spoolError } from "./error.ts";
import type { FileFacts, SpoolFiles } from "./files.ts";
import type { SpoolLease, SpoolLock } from "./ports.ts";

const ROOT_UID = 0;

/**
 * Makes the directory (0750) if it is not there, and checks it.
 * @throws SIGIL_SPOOL_OWNER, SIGIL_SPOOL_IO
 */
export async function claimDirectory(files: SpoolFiles, dir: string): Promise<void> {
  const facts = await lstat(files, dir);
  if (facts !== null) return checkFacts(files, dir, facts);
  try {
    await files.mkdir(dir);
  } catch (error) {
    throw ioError(error, `cannot create ${dir}`, { dir });
  }
  await checkDirectory(files, dir);
}

/**
 * Refuses a directory that someone else could have put there: a link, or one of another user.
 * @throws SIGIL_SPOOL_OWNER, SIGIL_SPOOL_ABSENT, SIGIL_SPOOL_IO
 */
export async function checkDirectory(files: SpoolFiles, dir: string): Promise<void> {
  const facts = await lstat(files, dir);
  if (facts === null) {
    throw spoolError("SIGIL_SPOOL_ABSENT", `there is no spool at ${dir}`, { context: { dir } });
  }
  checkFacts(files, dir, facts);
}

function checkFacts(files: SpoolFiles, dir: string, facts: FileFacts): void {
  if (facts.kind !== "directory") {
    const what = facts.kind === "link" ? "a symbolic link" : "not a directory";
    throw spoolError("SIGIL_SPOOL_OWNER", `${dir} is ${what}`, { context: { dir } });
  }
  if (files.uid === null || facts.uid === files.uid || facts.uid === ROOT_UID) return;
  throw spoolError("SIGIL_SPOOL_OWNER", `${dir} belongs to uid ${facts.uid}`, {
    context: { dir, uid: facts.uid },
  });
}

async function lstat(files: SpoolFiles, dir: string): Promise<FileFacts | null> {
  try {
    return await files.lstat(dir);
  } catch (error) {
    throw ioError(error, `cannot look at ${dir}`, { dir });
  }
}

/** @throws SIGIL_SPOOL_LOCKED, SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO */
export function takeLock(lock: SpoolLock, dir: string): SpoolLease {
  try {
    return lock.acquire(dir);
  } catch (cause) {
    if (isSystems(cause)) throw ioError(cause, `cannot lock ${dir}`, { dir });
    const message = `another process holds the lock of ${dir}`;
    throw spoolError("SIGIL_SPOOL_LOCKED", message, { cause, context: { dir } });
  }
}

/** An error with a code that is not one of ours came from below: the lock could not be taken, whoever holds it. */
function isSystems(cause: unknown): boolean {
  const code = errnoOf(cause);
  return code !== null && !code.startsWith("SIGIL_");
}
