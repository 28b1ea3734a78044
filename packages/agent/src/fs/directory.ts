import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Makes a directory of our own with its mode (design §4); parents that are missing are made as the user's umask says. */
export function ensureDirectory(path: string, mode = 0o750): void {
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(path, { recursive: true, mode });
}
