import { readlinkSync, statfsSync } from "node:fs";
import { type BytePath, fromBuffer, isRooted, join, parentOf, rootOf, toBuffer } from "./bytes.ts";
import { failureOf, statOf } from "./io.ts";
import type { GitLimits } from "./limits.ts";
import { isUnanswered, type Unanswered, unanswered } from "./reason.ts";

// Linux statfs magic numbers of filesystems that never ask another host or a user's daemon:
// ext2-4, xfs, btrfs, tmpfs, overlayfs, zfs, f2fs, bcachefs, ramfs.
const LOCAL_FILESYSTEMS: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e,
  0x858458f6,
]);

/**
 * The real path of what `target` names, seen from the real directory `base`; symlinks resolved one
 * component at a time, at most `maxHops`.
 *
 * Whoever writes a repository chooses this path, so it is never handed to the kernel whole:
 * `gitdir: /net/host/x` or `\\host\share` would make the agent mount or contact a host of the
 * writer's choice, and a hung filesystem would stop it. Each component must lie on the device of
 * `base`, on that of the root, or (Linux) on a filesystem of a known local type.
 */
export function resolvePointer(
  base: BytePath,
  target: BytePath,
  limits: GitLimits,
): BytePath | Unanswered {
  if (target.includes("\0") || target.length > limits.maxPathBytes)
    return unanswered("bad_pointer");
  const start = startOf(base, target);
  if (isUnanswered(start)) return start;
  const devices = trustedDevices(base);
  let here = start.at;
  let todo = start.rest;
  let hops = 0;
  while (todo.length > 0) {
    const [part = "", ...rest] = todo;
    todo = rest;
    if (part === "" || part === ".") continue;
    if (part === "..") {
      here = parentOf(here) ?? here;
      continue;
    }
    const next = join(here, part);
    const step = stepTo(next, devices);
    if (isUnanswered(step)) return step;
    if (step === "entered") {
      here = next;
      continue;
    }
    hops += 1;
    if (hops > limits.maxHops || step.link.length > limits.maxPathBytes) {
      return unanswered("bad_pointer");
    }
    const turned = startOf(here, step.link);
    if (isUnanswered(turned)) return turned;
    here = turned.at;
    todo = [...turned.rest, ...todo];
  }
  return here;
}

type Start = { readonly at: BytePath; readonly rest: string[] };

function startOf(base: BytePath, target: BytePath): Start | Unanswered {
  if (!isRooted(target)) return { at: base, rest: target.split("/") };
  const root = rootOf(target);
  // On Windows another drive letter may be a network drive.
  const foreign =
    process.platform === "win32" && root?.toLowerCase() !== rootOf(base)?.toLowerCase();
  if (root === null || foreign) return unanswered("remote_pointer");
  return { at: root, rest: target.slice(root.length).split("/") };
}

function trustedDevices(base: BytePath): Set<bigint> {
  const devices = new Set<bigint>();
  for (const path of [base, rootOf(base) ?? base]) {
    const stats = statOf(path);
    if (stats !== null && !isUnanswered(stats)) devices.add(stats.dev);
  }
  return devices;
}

function stepTo(
  path: BytePath,
  devices: Set<bigint>,
): "entered" | { readonly link: BytePath } | Unanswered {
  const stats = statOf(path);
  if (stats === null) return unanswered("bad_pointer");
  if (isUnanswered(stats)) return stats;
  try {
    if (stats.isSymbolicLink()) return { link: fromBuffer(readlinkSync(toBuffer(path), "buffer")) };
    // Only directories: overlayfs reports other devices for plain files.
    if (stats.isDirectory() && !devices.has(stats.dev)) {
      if (!isLocal(path)) return unanswered("remote_pointer");
      devices.add(stats.dev);
    }
    return "entered";
  } catch (error) {
    return failureOf(error);
  }
}

function isLocal(path: BytePath): boolean {
  return process.platform === "linux" && LOCAL_FILESYSTEMS.has(statfsSync(toBuffer(path)).type);
}
