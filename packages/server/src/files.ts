import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join, basename } from "node:path";

/** Design §4: directories 0750 at most; those of keys 0700. */
export function makeDirectory(directory: string, mode = 0o750): void {
  mkdirSync(directory, { recursive: true, mode });
}

/** Creates a file that must not exist; durable when it returns. @throws EEXIST */
export function writeNew(file: string, text: string, mode: number): void {
  writeDurably(file, text, mode);
  syncDirectory(dirname(file));
}

/** Replaces a file at once: after a crash it is the old or the new one, whole. */
export function replaceFile(file: string, text: string, mode: number): void {
  const temporary = join(dirname(file), `.${basename(file)}.tmp`);
  // Left behind by a crash, or put there by somebody: either way it is not written through.
  rmSync(temporary, { force: true });
  writeDurably(temporary, text, mode);
  renameSync(temporary, file);
  syncDirectory(dirname(file));
}

/** `wx`: fails on anything that is there already, a link included. */
function writeDurably(file: string, text: string, mode: number): void {
  const descriptor = openSync(file, "wx", mode);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes what was created or renamed in a directory last. */
export function syncDirectory(directory: string): void {
  // Windows has no handle of a directory that could be synced.
  if (process.platform === "win32") return;
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
