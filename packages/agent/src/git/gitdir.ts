import { readlinkSync } from "node:fs";
import { type BytePath, fromBuffer, join, toBuffer } from "./bytes.ts";
import { failureOf, readSmall, statOf } from "./io.ts";
import type { GitLimits } from "./limits.ts";
import { resolvePointer } from "./pointer.ts";
import { isUnanswered, type Unanswered, unanswered } from "./reason.ts";

/** Content of a one-line file with a path in it, without its line end; null when absent. */
function readLine(path: BytePath, limits: GitLimits): BytePath | null | Unanswered {
  const bytes = readSmall(path, limits.maxSmallFileBytes);
  if (bytes === null || isUnanswered(bytes)) return bytes;
  return fromBuffer(bytes).replace(/[\r\n]+$/u, "");
}

/** The directory a `gitdir: <path>` file names, seen from the directory that holds the file. */
export function followGitFile(
  file: BytePath,
  holder: BytePath,
  limits: GitLimits,
): BytePath | Unanswered {
  const line = readLine(file, limits);
  if (line === null) return unanswered("changed_while_read");
  if (isUnanswered(line)) return line;
  const target = line.startsWith("gitdir: ") ? line.slice("gitdir: ".length) : "";
  return target === "" ? unanswered("bad_pointer") : resolvePointer(holder, target, limits);
}

/**
 * The common directory of a git directory (itself, or for a linked work tree what `commondir`
 * names), or null if the directory is not a git directory by git's own signs (`is_git_directory`):
 * a valid HEAD, and `objects` and `refs` in the common directory.
 */
export function commonDirOf(gitDir: BytePath, limits: GitLimits): BytePath | null | Unanswered {
  const head = hasHead(gitDir, limits);
  if (head !== true) return head === false ? null : head;
  const pointer = readLine(join(gitDir, "commondir"), limits);
  if (isUnanswered(pointer)) return pointer;
  const common = pointer === null ? gitDir : resolvePointer(gitDir, pointer, limits);
  if (isUnanswered(common)) return common;
  for (const name of ["objects", "refs"]) {
    const stats = statOf(join(common, name));
    if (stats === null) return null;
    if (isUnanswered(stats)) return stats;
  }
  return common;
}

function hasHead(gitDir: BytePath, limits: GitLimits): boolean | Unanswered {
  const path = join(gitDir, "HEAD");
  const stats = statOf(path);
  if (stats === null) return false;
  if (isUnanswered(stats)) return stats;
  try {
    if (stats.isSymbolicLink()) {
      return fromBuffer(readlinkSync(toBuffer(path), "buffer")).startsWith("refs/");
    }
  } catch (error) {
    return failureOf(error);
  }
  if (!stats.isFile()) return false;
  const line = readLine(path, limits);
  if (line === null) return false;
  if (isUnanswered(line)) return line;
  return /^ref:\s*refs\//u.test(line) || /^(?:[0-9a-f]{40}|[0-9a-f]{64})(?:\s|$)/iu.test(line);
}
