import type { Severity } from "@sigil/core/plain";
import type { Assessment } from "@sigil/risk";
import { keyOfBytes } from "../fs/keys.ts";
import type { Change } from "../pipeline/compare.ts";
import type { Hold } from "../pipeline/record.ts";
import { isNews, type Looked } from "./telling.ts";

/** What a change replaces and what it brings: digests, null where there is no file or it was not read whole. */
export interface Contents {
  readonly before: string | null;
  readonly after: string | null;
}

/** A change of a guard file on its way: what its assessment says decides how loud it is. */
export interface GuardHold extends Hold {
  severity(declared: Severity): Severity;
}

/** A hold from the side of the assessment that ends it. */
export interface Waiting {
  readonly path: string;
  readonly contents: Contents;
  /** An assessment before its own has told of it: it is not quiet, whatever its own says. */
  told: boolean;
  quiet: boolean;
  over: boolean;
  readonly end: () => void;
}

/** Holds a change of a guard file, for a bounded time. */
export function holdUp(
  path: string,
  contents: Contents,
  holdMs: number,
): { readonly waiting: Waiting; readonly hold: GuardHold } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const waiting: Waiting = {
    path,
    contents,
    told: false,
    quiet: false,
    over: false,
    end: () => {
      waiting.over = true;
      resolve();
    },
  };
  setTimeout(() => waiting.end(), holdMs).unref();
  const hold: GuardHold = {
    get over() {
      return waiting.over;
    },
    until: promise,
    severity: (declared) => (waiting.quiet ? "info" : declared),
  };
  return { waiting, hold };
}

/** A change is quiet when every file it belongs to says what it said before, or what it said not long ago. */
export function judge(looked: readonly Looked[], waiting: readonly Waiting[]): void {
  const loud = new Set<string>();
  const quiet = new Set<string>();
  for (const { assessment, previous, speech } of looked) {
    const heard = isNews(speech) ? loud : quiet;
    for (const path of pathsOf(assessment)) heard.add(path);
    if (previous) for (const path of pathsOf(previous)) heard.add(path);
  }
  for (const one of waiting) one.quiet = !one.told && quiet.has(one.path) && !loud.has(one.path);
}

/** Every path an assessment speaks of. */
export function pathsOf(assessment: Assessment): string[] {
  return [assessment.path, assessment.realPath, ...assessment.scripts];
}

/** A guard file's change waits for its assessment when that can make it quieter. */
export function holdFor(
  change: Change,
  assessing: { changed(path: string, contents: Contents): GuardHold | null },
): GuardHold | null {
  if (!change.event || change.event.evidence.change_kind === "discovered") return null;
  const { before_hash: before, after_hash: after } = change.event.evidence;
  if (change.from) assessing.changed(keyOfBytes(change.from.path), { before, after: null });
  const hold = assessing.changed(change.path, { before, after });
  return change.event.severity === "info" ? null : hold;
}
