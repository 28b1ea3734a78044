import { closeSync, constants, fstatSync, openSync, readlinkSync, type BigIntStats } from "node:fs";
import { isRawKey, type PathKey } from "@sigil/core/plain";
import { openNoFollow } from "../fs/open.ts";
import { hashStable, type HashOptions } from "../pipeline/hash.ts";

/** What a regular file held, and the stat it had before and after it was read. */
export interface PlainRead {
  readonly stat: BigIntStats;
  /** 32 bytes. */
  readonly digest: Uint8Array;
}

/** A directory held open: what is read in it is in it, whatever becomes of the path it was opened by. */
export interface Within {
  /** Reads one regular file; null: it is anything else, or moves, or cannot be read, and must be looked at alone. */
  read(name: string, options: HashOptions): PlainRead | null;
  close(): void;
}

const FLAGS = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

/**
 * Opens a directory that no link leads to, so that its files need not be asked one by one where they really are.
 * @returns null elsewhere than on Linux, and for a directory that is not where its path says
 */
export function openWithin(directory: PathKey): Within | null {
  // U+FFFD may stand for any byte in what the kernel says.
  if (process.platform !== "linux" || isRawKey(directory) || directory.includes("\uFFFD"))
    return null;
  let descriptor: number;
  try {
    descriptor = openSync(directory, FLAGS);
  } catch {
    return null;
  }
  const here = `/proc/self/fd/${descriptor}`;
  if (!isAt(here, directory)) {
    closeSync(descriptor);
    return null;
  }
  return {
    read: (name, options) => readPlain(`${here}/${name}`, options),
    close: () => closeSync(descriptor),
  };
}

/** A directory on the way that is a link, or was swapped for one, makes the two differ. */
function isAt(here: string, directory: string): boolean {
  try {
    return readlinkSync(here) === directory;
  } catch {
    return false;
  }
}

function readPlain(path: string, options: HashOptions): PlainRead | null {
  let descriptor: number;
  try {
    descriptor = openNoFollow(path);
  } catch {
    return null;
  }
  try {
    const before = fstatSync(descriptor, { bigint: true });
    if (!before.isFile() || before.size > options.maxBytes) return null;
    const reading = hashStable(descriptor, before, options);
    return reading === "moved" ? null : reading;
  } catch {
    return null;
  } finally {
    closeSync(descriptor);
  }
}
