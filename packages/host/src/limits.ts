import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "@sigil/core/plain";
import { type FileReader, textOf } from "./file.ts";
import type { Platform } from "./platform.ts";

/** inotify(7) limits; null where there is no such limit or it cannot be read. */
export type WatchLimits = {
  readonly max_user_watches: number | null;
  readonly max_queued_events: number | null;
  readonly max_user_instances: number | null;
};

const NO_LIMITS: WatchLimits = {
  max_user_watches: null,
  max_queued_events: null,
  max_user_instances: null,
};

export async function watchLimits(input: {
  readonly platform: Platform;
  readonly files: FileReader;
}): Promise<WatchLimits> {
  if (input.platform !== "linux") return NO_LIMITS;
  const limit = async (name: string): Promise<number | null> => {
    const path = `/proc/sys/fs/inotify/${name}`;
    const text = textOf(await input.files.read(path, { maxBytes: 64 }))?.trim() ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : null;
  };
  return {
    max_user_watches: await limit("max_user_watches"),
    max_queued_events: await limit("max_queued_events"),
    max_user_instances: await limit("max_user_instances"),
  };
}

export type StatFs = {
  readonly type: bigint;
  readonly bsize: bigint;
  readonly blocks: bigint;
  readonly bavail: bigint;
  readonly files: bigint;
  readonly ffree: bigint;
};

export type ReadStatFs = (path: string) => Promise<StatFs>;

export const nodeStatFs: ReadStatFs = (path) => statfs(path, { bigint: true });

export type DiskFree =
  | {
      readonly kind: "known";
      /** The path, or its nearest ancestor that exists. */
      readonly path: string;
      /** Room for an unprivileged process, in bytes. */
      readonly bytes_free: number;
      readonly bytes_total: number;
      /** Null on file systems without a fixed number of inodes (btrfs, most of Windows). */
      readonly inodes_free: number | null;
      readonly inodes_total: number | null;
    }
  | { readonly kind: "unknown"; readonly why: string };

/** Room on the file system that holds, or will hold, an absolute path. */
export async function diskFree(path: string, read: ReadStatFs = nodeStatFs): Promise<DiskFree> {
  const found = await nearestStatFs(path, read);
  if (found.kind === "unknown") return found;
  const { bsize, blocks, bavail, files, ffree } = found.stats;
  return {
    kind: "known",
    path: found.path,
    bytes_free: Number(bavail * bsize),
    bytes_total: Number(blocks * bsize),
    inodes_free: files > 0n ? Number(ffree) : null,
    inodes_total: files > 0n ? Number(files) : null,
  };
}

export type NearestStatFs =
  | { readonly kind: "known"; readonly path: string; readonly stats: StatFs }
  | { readonly kind: "unknown"; readonly why: string };

/** statfs of the path or its nearest ancestor that exists. */
export async function nearestStatFs(path: string, read: ReadStatFs): Promise<NearestStatFs> {
  let at = path;
  for (;;) {
    try {
      return { kind: "known", path: at, stats: await read(at) };
    } catch (error) {
      const errno = errnoOf(error);
      const parent = dirname(at);
      const missing = errno === "ENOENT" || errno === "ENOTDIR";
      if (!missing || parent === at) return { kind: "unknown", why: errno ?? "unknown error" };
      at = parent;
    }
  }
}
