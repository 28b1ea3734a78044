import { type ReadStatFs, nearestStatFs, nodeStatFs } from "./limits.ts";
import type { Platform } from "./platform.ts";

/** Whether the kernel tells a watcher of every change, also one made by another machine. */
export type DeliversEvents = "yes" | "no" | "unknown";

export type FilesystemType = {
  /** Such as `ext4`, `nfs`; `0x…` for a magic number not known; `unknown` off Linux. */
  readonly name: string;
  readonly deliversEvents: DeliversEvents;
};

/**
 * Linux statfs(2) magic numbers, from the kernel's include/uapi/linux/magic.h and the file
 * systems' own sources. ext2, ext3 and ext4 share one number; virtiofs reports FUSE's.
 */
const LINUX_TYPES: Readonly<Record<number, readonly [string, DeliversEvents]>> = {
  0x0102_1994: ["tmpfs", "yes"],
  0x8584_58f6: ["ramfs", "yes"],
  0x0000_ef53: ["ext4", "yes"],
  0x9123_683e: ["btrfs", "yes"],
  0x5846_5342: ["xfs", "yes"],
  0x2fc1_2fc1: ["zfs", "yes"],
  0xf2f5_2010: ["f2fs", "yes"],
  0xca45_1a4e: ["bcachefs", "yes"],
  0x794c_7630: ["overlay", "yes"],
  0x0000_f15f: ["ecryptfs", "yes"],
  0x0000_4d44: ["vfat", "yes"],
  0x2011_bab0: ["exfat", "yes"],
  0x7366_746e: ["ntfs3", "yes"],
  0x7371_7368: ["squashfs", "yes"],
  0xe0f5_e1e2: ["erofs", "yes"],
  0x0000_9660: ["iso9660", "yes"],
  0x0000_6969: ["nfs", "no"],
  0xff53_4d42: ["cifs", "no"],
  0xfe53_4d42: ["smb", "no"],
  0x0000_517b: ["smb", "no"],
  0x0102_1997: ["9p", "no"],
  0x6573_5546: ["fuse", "no"],
  0x786f_4256: ["vboxsf", "no"],
  0x00c3_6400: ["ceph", "no"],
  0x5346_414f: ["afs", "no"],
  0x6b41_4653: ["afs", "no"],
  0x7375_7245: ["coda", "no"],
  0x0bd0_0bd0: ["lustre", "no"],
  0x0116_1970: ["gfs2", "no"],
  0x7461_636f: ["ocfs2", "no"],
  0x4750_4653: ["gpfs", "no"],
  0x0000_9fa0: ["proc", "no"],
  0x6265_6572: ["sysfs", "no"],
};

export function filesystemType(type: bigint | number, platform: Platform): FilesystemType {
  // The numbering is Linux's own; macOS and Windows give small numbers with other meanings.
  if (platform !== "linux") return { name: "unknown", deliversEvents: "unknown" };
  // f_type is signed on some architectures.
  const magic = Number(BigInt.asUintN(32, BigInt(type)));
  const known = LINUX_TYPES[magic];
  if (known === undefined) return { name: `0x${magic.toString(16)}`, deliversEvents: "unknown" };
  return { name: known[0], deliversEvents: known[1] };
}

/** The file system that holds, or will hold, an absolute path. */
export async function filesystemOf(
  path: string,
  platform: Platform,
  read: ReadStatFs = nodeStatFs,
): Promise<FilesystemType> {
  const found = await nearestStatFs(path, read);
  if (found.kind === "unknown") return { name: "unknown", deliversEvents: "unknown" };
  return filesystemType(found.stats.type, platform);
}
