import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What writing a kept file needs of the disk, step by step; each step may be the last one before a crash. */
export interface DiskSteps {
  /** Makes a file that was not there, for this user alone, and its contents durable. */
  create(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes the names in a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** No error when it is not there. */
  remove(path: string): Promise<void>;
}

const MODE = 0o600;
const CREATE =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

export const nodeSteps: DiskSteps = {
  async create(path, bytes) {
    const file = await open(path, CREATE, MODE);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  rename,
  async syncDirectory(path) {
    // Windows opens no directory and orders a rename by itself.
    if (process.platform === "win32") return;
    const directory = await open(path, constants.O_RDONLY);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
  remove: (path) => rm(path, { force: true }),
};

/** Left behind by a crash between two steps; of no use to anyone. */
export function isTemporary(name: string): boolean {
  return name.startsWith(".") && name.endsWith(".tmp");
}

/**
 * Writes a whole file so that a reader, or a power cut, sees the old contents or the new and never a part.
 * One writer at a time. The file is this user's alone (0600).
 */
export async function writeAtomic(
  path: string,
  bytes: Uint8Array,
  steps: DiskSteps = nodeSteps,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  await steps.remove(temporary);
  await steps.create(temporary, bytes);
  await steps.rename(temporary, path);
  await steps.syncDirectory(dirname(path));
}
