import { constants, type Stats } from "node:fs";
import { lstat, mkdir, open, readdir, rename, unlink, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { errnoOf } from "@sigil/core/plain";
import type { FileFacts, SpoolFiles, SpoolHandle } from "./files.ts";

const FILE_MODE = 0o640;
const DIR_MODE = 0o750;
const PERMISSION_BITS = 0o777;
const IS_WINDOWS = process.platform === "win32";

// Absent on Windows, where `refuseLink` stands in.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_BLOCK = constants.O_NONBLOCK ?? 0;

/** `SpoolFiles` on the real disk, through the thread pool. */
export const nodeFiles: SpoolFiles = {
  uid: process.getuid?.() ?? null,
  openRead: async (path) => await openAt(path, constants.O_RDONLY | NO_BLOCK),
  openWrite: async (path) => await openAt(path, constants.O_RDWR | NO_BLOCK),
  create: createFile,
  lstat: async (path) => await absentAsNull(async () => factsOf(await lstat(path))),
  readdir: async (path) => await readdir(path),
  mkdir: makeDirectory,
  rename: async (from, to) => await rename(from, to),
  unlink: async (path) => await unlink(path),
  syncDir,
};

async function openAt(path: string, flags: number): Promise<SpoolHandle> {
  if (IS_WINDOWS) await refuseLink(path);
  return handleOf(await open(path, flags | NO_FOLLOW));
}

async function refuseLink(path: string): Promise<void> {
  const stat = await lstat(path);
  if (stat.isSymbolicLink()) throw Object.assign(new Error(`link: ${path}`), { code: "ELOOP" });
}

async function createFile(path: string): Promise<SpoolHandle> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW;
  const file = await open(path, flags, FILE_MODE);
  try {
    await fixMode(file, FILE_MODE);
    return handleOf(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function makeDirectory(path: string): Promise<void> {
  const topmost = await mkdir(path, { recursive: true, mode: DIR_MODE });
  if (IS_WINDOWS) return;
  const dir = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | NO_FOLLOW);
  try {
    await fixMode(dir, DIR_MODE);
  } finally {
    await dir.close();
  }
  if (topmost !== undefined) await syncParents(path, topmost);
}

/** A power cut must not take a directory whose files it would have kept. */
async function syncParents(path: string, topmost: string): Promise<void> {
  const last = dirname(resolve(topmost));
  for (let parent = dirname(resolve(path)); ; parent = dirname(parent)) {
    await syncDir(parent);
    if (parent === last || parent === dirname(parent)) return;
  }
}

/** Leaves set-group-id alone: it is how a spool directory hands its group to the sender. */
async function fixMode(file: FileHandle, mode: number): Promise<void> {
  if (IS_WINDOWS) return;
  const stat = await file.stat();
  const wanted = (stat.mode & 0o7000) | mode;
  if ((stat.mode & PERMISSION_BITS) !== mode) await file.chmod(wanted);
}

async function syncDir(path: string): Promise<void> {
  // NTFS journals names itself, and Windows has no handle to flush for a directory.
  if (IS_WINDOWS) return;
  const dir = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await dir.sync();
  } finally {
    await dir.close();
  }
}

function handleOf(file: FileHandle): SpoolHandle {
  return {
    stat: async () => factsOf(await file.stat()),
    read: async (into, position) => await readFully(file, into, position),
    write: async (bytes, position) => await writeFully(file, bytes, position),
    truncate: async (length) => await file.truncate(length),
    datasync: async () => await file.datasync(),
    close: async () => await file.close(),
  };
}

async function readFully(file: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const left = bytes.length - done;
    const { bytesWritten } = await file.write(bytes, done, left, position + done);
    done += bytesWritten;
  }
}

function factsOf(stat: Stats): FileFacts {
  const { size, uid, mtimeMs, dev, ino } = stat;
  return { kind: kindOf(stat), size, uid, mtime_ms: mtimeMs, id: `${dev}:${ino}` };
}

function kindOf(stat: Stats): FileFacts["kind"] {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "directory";
  return stat.isSymbolicLink() ? "link" : "other";
}

async function absentAsNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}
