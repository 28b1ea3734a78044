import { dirname, basename, join } from "node:path";
import { errnoOf } from "@sigil/core/plain";
import { ioError, quietly } from "./error.ts";
import type { SpoolFiles } from "./files.ts";
import { TEMP_SUFFIX } from "./layout.ts";

/**
 * Writes a whole file so that a reader, or a power cut, sees the old contents or the new, never a
 * part: temporary file, fdatasync, rename, fsync of the directory. One writer at a time: the caller
 * holds the directory's lock.
 * @throws SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO
 */
export async function writeAtomic(
  files: SpoolFiles,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const temp = join(dirname(path), `.${basename(path)}${TEMP_SUFFIX}`);
  try {
    await writeTemp(files, temp, bytes);
    await files.rename(temp, path);
    await files.syncDir(dirname(path));
  } catch (error) {
    await quietly(async () => await files.unlink(temp));
    throw ioError(error, `cannot write ${basename(path)}`, { file: basename(path) });
  }
}

async function writeTemp(files: SpoolFiles, temp: string, bytes: Uint8Array): Promise<void> {
  await unlinkIfThere(files, temp);
  const handle = await files.create(temp);
  try {
    await handle.write(bytes, 0);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** True when there was something to remove. */
export async function unlinkIfThere(files: SpoolFiles, path: string): Promise<boolean> {
  try {
    await files.unlink(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}
