import { errnoOf } from "@sigil/core/plain";
import { join } from "node:path";
import type { FileFacts, SpoolFiles, SpoolHandle } from "./files.ts";

/**
 * The same disk, where every change is accepted and none is made: a dry run takes the very path of
 * the real one. What was removed or moved away is no longer seen; what was written never is.
 */
export function dryFiles(files: SpoolFiles): SpoolFiles {
  const made = new Set<string>();
  const gone = new Set<string>();
  return {
    uid: files.uid,
    openRead: async (path) => await files.openRead(present(path, gone)),
    openWrite: async (path) => readOnly(await files.openRead(present(path, gone))),
    create: async () => emptyHandle(files.uid ?? 0),
    lstat: async (path) => {
      const facts = gone.has(path) ? null : await files.lstat(path);
      return facts === null && made.has(path) ? directory(files.uid ?? 0) : facts;
    },
    readdir: async (path) => {
      const names = await readdir(files, path, made);
      return names.filter((name) => !gone.has(join(path, name)));
    },
    mkdir: async (path) => {
      made.add(path);
    },
    rename: async (from) => {
      gone.add(from);
    },
    unlink: async (path) => {
      gone.add(present(path, gone));
    },
    syncDir: nothing,
  };
}

function present(path: string, gone: ReadonlySet<string>): string {
  if (gone.has(path)) throw Object.assign(new Error(`not there: ${path}`), { code: "ENOENT" });
  return path;
}

async function readdir(files: SpoolFiles, path: string, made: ReadonlySet<string>) {
  try {
    return await files.readdir(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" && made.has(path)) return [];
    throw error;
  }
}

function readOnly(handle: SpoolHandle): SpoolHandle {
  return {
    stat: async () => await handle.stat(),
    read: async (into, position) => await handle.read(into, position),
    write: nothing,
    truncate: nothing,
    datasync: nothing,
    close: async () => await handle.close(),
  };
}

function emptyHandle(uid: number): SpoolHandle {
  const facts: FileFacts = { kind: "file", size: 0, uid, mtime_ms: 0, id: "" };
  return {
    stat: async () => facts,
    read: async () => 0,
    write: nothing,
    truncate: nothing,
    datasync: nothing,
    close: nothing,
  };
}

function directory(uid: number): FileFacts {
  return { kind: "directory", size: 0, uid, mtime_ms: 0, id: "" };
}

async function nothing(): Promise<void> {
  // A dry run changes nothing.
}
