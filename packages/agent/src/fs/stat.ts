import { statSync } from "node:fs";
import type { PathKey } from "@sigil/core/plain";
import { fsPath } from "./keys.ts";

/** True for a directory, also one that a link leads to. Never throws. */
export function isDirectory(path: PathKey): boolean {
  try {
    return statSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
