import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What a file of this program is written with, unless it is a secret. */
const FILE_MODE = 0o640;

/**
 * Writes a whole file so that a reader, or a crash, sees the old contents or the new, never a part. One writer at a
 * time: the caller holds the directory's lock. A link that stands in the way is replaced, never followed.
 */
export async function writeAtomically(
  path: string,
  text: string,
  options: { readonly mode?: number; readonly durable?: boolean } = {},
): Promise<void> {
  const temp = join(dirname(path), `.${basename(path)}.tmp`);
  await rm(temp, { force: true });
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  const handle = await open(temp, O_WRONLY | O_CREAT | O_EXCL, options.mode ?? FILE_MODE);
  try {
    await handle.writeFile(text);
    if (options.durable) await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temp, path);
  if (options.durable) await syncDirectory(dirname(path));
}

/** The name itself is durable only with its directory; Windows opens none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
