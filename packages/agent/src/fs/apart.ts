import { realpathSync, statSync, type BigIntStats } from "node:fs";
import type { PathKey } from "@sigil/core/plain";
import { fsPath, isBelow, keyOfBytes, parentKey } from "./keys.ts";

/**
 * Places that no link and no walk leads into. Where the kernel makes files up, they are never the same twice, and
 * reading some of them has effects. Where the agent writes, each of its own writes would be a change to write of: one
 * link in a watched directory would make it report itself for ever.
 */
const KERNEL = ["/proc", "/sys"];

/** The agent's own directories, by path and by identity. Set once by each thread, before it looks at anything. */
let own: readonly PathKey[] = [];
let ids: ReadonlySet<string> = new Set();
let devices: ReadonlySet<bigint> = new Set();

/** @param directories where this agent keeps its state and its spool */
export function keepApart(directories: readonly PathKey[]): void {
  const real = directories.flatMap((directory) => realOf(directory) ?? []);
  own = [...new Set([...directories, ...real])];
  ids = new Set(real.flatMap((directory) => idOf(statOf(directory)) ?? []));
  devices = new Set(KERNEL.flatMap((directory) => deviceOf(directory) ?? []));
}

/** True for a directory of these, by whatever name it was reached. */
export function isApartDirectory(stat: BigIntStats): boolean {
  return devices.has(stat.dev) || ids.has(idOf(stat) ?? "");
}

/** As {@link isApartDirectory}; false for what is not there. */
export function isApart(directory: PathKey): boolean {
  const stat = statOf(directory);
  return stat !== null && isApartDirectory(stat);
}

/** True for a path below one of the agent's own directories, by its name alone. */
export function isOwn(path: PathKey): boolean {
  return own.some((directory) => path !== directory && isBelow(path, directory));
}

/** True when a file that a link leads to lies in one of these places. */
export function liesApart(file: PathKey): boolean {
  const real = realOf(parentKey(file) ?? file);
  return real !== null && [...KERNEL, ...own].some((directory) => isBelow(real, directory));
}

function realOf(path: PathKey): PathKey | null {
  try {
    return keyOfBytes(realpathSync.native(fsPath(path), { encoding: "buffer" }));
  } catch {
    return null;
  }
}

function statOf(path: PathKey): BigIntStats | null {
  try {
    return statSync(fsPath(path), { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

function idOf(stat: BigIntStats | null): string | null {
  return stat === null ? null : `${stat.dev}:${stat.ino}`;
}

/** The device of a filesystem that is mounted there; null where it is an ordinary directory. */
function deviceOf(directory: string): bigint | null {
  const here = statOf(directory);
  return here !== null && here.dev !== statOf("/")?.dev ? here.dev : null;
}
