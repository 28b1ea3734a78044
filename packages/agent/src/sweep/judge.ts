import { accessSync, constants } from "node:fs";
import { errnoOf, type PathKey } from "@sigil/core/plain";
import { sameAttributes } from "../fs/attributes.ts";
import { fsPath } from "../fs/keys.ts";
import type { ResolvedPath } from "../pipeline/resolve.ts";
import type { Finding } from "./finding.ts";
import type { KnownPath } from "./known.ts";

/**
 * What a sweep says of a stored path after one look at its stat; null: unchanged.
 * @param maxBytes the largest file that is read, as the policy in force says
 */
export function judgeKnown(
  path: PathKey,
  known: KnownPath,
  resolved: ResolvedPath,
  maxBytes: number,
): Finding | null {
  if (resolved.kind === "unreadable")
    return { kind: "unreadable", path, operation: "read", errno: resolved.errno };
  if (resolved.kind === "absent" || resolved.kind === "directory") return { kind: "differs", path };
  if (known.symlinkTarget !== resolved.link || !sameAttributes(known, resolved.stat))
    return { kind: "differs", path };
  if (known.incomplete === "unstable") return { kind: "differs", path };
  if (resolved.kind === "link" && leadsOtherwise(known, resolved.why))
    return { kind: "differs", path };
  // Too large for the policy before: the one in force may read it.
  if (known.incomplete === "too_large" && known.size <= maxBytes) return { kind: "differs", path };
  if (known.incomplete !== "unreadable") return null;
  // What could not be read may be readable now without its times having moved: a parent's mode.
  const denied = whyDenied(resolved);
  return denied === null
    ? { kind: "differs", path }
    : { kind: "unreadable", path, operation: "read", errno: denied };
}

/** A link that is what it was may lead elsewhere: into a loop, or out of one, by what was done to another link. */
function leadsOtherwise(known: KnownPath, why: string): boolean {
  if (why === "unreadable" && known.incomplete !== "unreadable") return true;
  return (why === "loop") !== (known.incomplete === "link_loop");
}

function whyDenied(resolved: ResolvedPath): string | null {
  if (resolved.kind === "link") return resolved.why === "unreadable" ? "EACCES" : null;
  if (resolved.kind !== "found") return null;
  try {
    accessSync(fsPath(resolved.final), constants.R_OK);
    return null;
  } catch (error) {
    return errnoOf(error) ?? "EACCES";
  }
}
