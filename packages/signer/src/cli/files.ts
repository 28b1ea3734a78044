import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { write } from "@sigil/cli";
import { errnoOf } from "@sigil/core/plain";
import { fail } from "../errors.ts";

export type ReadOptions = {
  /** Bytes. */
  readonly max: number;
  readonly noFollow?: boolean;
  /** Looks at what was opened, before it is read. @throws whatever makes it unfit */
  readonly check?: (stat: Stats) => void;
};

/**
 * Reads a regular file up to a size. What is opened is what is checked, so nothing can be swapped in between.
 * @throws SIGIL_SIGNER_FILE_UNREADABLE
 */
export function readFile(path: string, { max, noFollow, check }: ReadOptions): Buffer {
  const follow = noFollow === true ? constants.O_NOFOLLOW : 0;
  const descriptor = open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (follow ?? 0));
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw fail("SIGIL_SIGNER_FILE_UNREADABLE", `${path} is no regular file`);
    check?.(stat);
    const buffer = Buffer.alloc(Math.min(stat.size, max) + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (length > max)
      throw fail("SIGIL_SIGNER_FILE_UNREADABLE", `${path} has more than ${max} bytes`);
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

function open(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT") throw fail("SIGIL_SIGNER_FILE_UNREADABLE", `there is no file ${path}`);
    const hint = errno === "ELOOP" ? { hint: "it must not be a symbolic link" } : {};
    throw fail("SIGIL_SIGNER_FILE_UNREADABLE", `cannot read ${path}: ${errno}`, hint);
  }
}

/**
 * Writes a file that must not be there yet, durably.
 * @param mode of the file from its first byte on
 * @throws SIGIL_SIGNER_FILE_EXISTS, SIGIL_SIGNER_FILE_UNWRITABLE
 */
export function createFile(path: string, text: string, mode: number): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx", mode);
  } catch (error) {
    if (errnoOf(error) === "EEXIST")
      throw fail("SIGIL_SIGNER_FILE_EXISTS", `${path} is there already`);
    throw unwritable(path, error);
  }
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(path, { force: true });
    throw unwritable(path, error);
  } finally {
    closeSync(descriptor);
  }
}

/** Puts a file in the place of another one, whole or not at all. @throws SIGIL_SIGNER_FILE_UNWRITABLE */
function replaceFile(path: string, text: string): void {
  const name = `.${basename(path)}.${randomBytes(6).toString("hex")}`;
  const temporary = join(dirname(path), name);
  createFile(temporary, text, 0o644);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(path, error);
  }
}

/** What a command makes: into the file named, else to standard output. */
export function emit(text: string, path: string | undefined): void {
  if (path === undefined) write(text);
  else replaceFile(path, text);
}

function unwritable(path: string, error: unknown) {
  return fail("SIGIL_SIGNER_FILE_UNWRITABLE", `cannot write ${path}: ${errnoOf(error)}`);
}
