import { accessSync, constants } from "node:fs";
import type { Matcher, PathKey, Root, Settings } from "@sigil/core/plain";
import { errnoOf, sameStat } from "@sigil/core/plain";
import { fsPath } from "../fs/keys.ts";
import type { Hasher } from "../hash/hasher.ts";
import { observe, type ObserveOptions } from "../pipeline/observe.ts";
import { resolvePath, type ResolvedPath } from "../pipeline/resolve.ts";
import { snapshotOf, type PathRow } from "../state/row.ts";
import type { Finding } from "./finding.ts";
import type { KnownPaths } from "./known.ts";
import { directoryOf, walk } from "./walk.ts";

export interface SweepContext {
  readonly roots: readonly Root[];
  readonly matcher: Matcher;
  readonly known: KnownPaths;
  readonly hasher: Hasher;
  readonly settings: Pick<Settings, "hash" | "sweep">;
  readonly linkOwners: readonly (ReadonlySet<number> | null)[];
}

export interface SweepRequest {
  /** Indexes of the roots to walk. */
  readonly roots: readonly number[];
  /** Indexes of all roots without a baseline. */
  readonly first: ReadonlySet<number>;
}

/** What a sweep yields beside findings: progress, so that its caller can count and pause. */
export type SweepStep =
  | { readonly kind: "finding"; readonly finding: Finding }
  | { readonly kind: "entry"; readonly hashed: number }
  | { readonly kind: "directory" }
  | { readonly kind: "truncated"; readonly root: number };

/** Compares roots with the stored state, one path at a time. Reads files only where nothing is stored of them. */
export function* sweep(context: SweepContext, request: SweepRequest): Generator<SweepStep> {
  const wanted = new Set(request.roots.map((index) => context.roots[index]));
  const firsts = new Set([...request.first].map((index) => context.roots[index]));
  for (const index of request.roots) {
    const root = context.roots[index];
    if (root) yield* sweepRoot(context, { root, index, wanted, firsts });
  }
}

interface RootPass {
  readonly root: Root;
  readonly index: number;
  readonly wanted: ReadonlySet<Root | undefined>;
  readonly firsts: ReadonlySet<Root | undefined>;
}

function* sweepRoot(context: SweepContext, pass: RootPass): Generator<SweepStep> {
  const { root, index } = pass;
  const { sweep: limits } = context.settings;
  const linkOwners = context.linkOwners[index] ?? null;
  const visited = new Set<PathKey>();
  const blocked: PathKey[] = [];
  let rows = new Map<PathKey, PathRow>();
  let here: PathKey | null = null;
  let truncated = false;
  for (const met of walk(root, context.matcher, {
    maxDepth: limits.max_depth,
    maxEntries: limits.max_entries,
    linkOwners,
  })) {
    switch (met.kind) {
      case "tick":
        yield { kind: "entry", hashed: 0 };
        break;
      case "directory":
        here = met.path;
        rows = context.known.inDirectory(met.path);
        yield { kind: "directory" };
        break;
      case "entry": {
        if (!isOurs(context, pass, met.path)) {
          rows.delete(met.path);
          yield { kind: "entry", hashed: 0 };
          break;
        }
        const row =
          directoryOf(met.path) === here
            ? (rows.get(met.path) ?? null)
            : context.known.one(met.path);
        rows.delete(met.path);
        yield* examine(context, pass, met.path, row, linkOwners);
        break;
      }
      case "left":
        visited.add(met.path);
        yield* leftovers(context, pass, rows);
        break;
      case "unreadable":
        blocked.push(met.path);
        yield found({ kind: "unreadable", path: met.path, operation: "list", errno: met.errno });
        break;
      case "truncated":
        truncated = true;
        yield { kind: "truncated", root: index };
        break;
    }
  }
  if (!truncated) yield* vanished(context, pass, visited, blocked);
}

/** A path several roots mean is looked at once: for the first of them that this sweep walks. */
function isOurs(context: SweepContext, pass: RootPass, path: PathKey): boolean {
  return context.matcher.match(path)?.roots.find((root) => pass.wanted.has(root)) === pass.root;
}

function found(finding: Finding): SweepStep {
  return { kind: "finding", finding };
}

function* examine(
  context: SweepContext,
  pass: RootPass,
  path: PathKey,
  row: PathRow | null,
  linkOwners: ReadonlySet<number> | null,
): Generator<SweepStep> {
  const follow = context.matcher.match(path)?.followSymlinks ?? true;
  if (row && row.removed_at === null) {
    const resolved = resolvePath(path, follow);
    const denied =
      unchanged(row, resolved) && row.incomplete === "unreadable" ? whyDenied(resolved) : null;
    if (denied !== null)
      yield found({ kind: "unreadable", path, operation: "read", errno: denied });
    else if (row.incomplete === "unreadable" || !unchanged(row, resolved))
      yield found({ kind: "differs", path });
    yield { kind: "entry", hashed: 0 };
    return;
  }
  const first =
    row === null &&
    (context.matcher.match(path)?.roots ?? []).every((root) => pass.firsts.has(root));
  if (!first) {
    const resolved = resolvePath(path, follow);
    if (resolved.kind !== "absent" && resolved.kind !== "directory")
      yield found({ kind: "differs", path });
    yield { kind: "entry", hashed: 0 };
    return;
  }
  const options: ObserveOptions = {
    follow,
    hasher: context.hasher,
    linkOwners,
    maxBytes: context.settings.hash.max_bytes,
    attempts: context.settings.hash.attempts,
    inlineMaxBytes: context.settings.hash.max_bytes,
  };
  const seen = observe(path, options);
  if (seen.kind === "present") {
    yield found({ kind: "first", path, snapshot: seen.snapshot, hops: seen.hops });
    yield { kind: "entry", hashed: seen.snapshot.digest === null ? 0 : Number(seen.snapshot.size) };
  } else if (seen.kind === "unreadable") {
    yield found({ kind: "unreadable", path, operation: "read", errno: seen.errno });
  }
}

/** Equal stat means equal contents: ctime cannot be set back by a program without the clock itself. */
function unchanged(row: PathRow, resolved: ResolvedPath): boolean {
  if (resolved.kind === "unreadable") return true;
  if (resolved.kind === "absent" || resolved.kind === "directory") return false;
  if (row.symlink_target !== resolved.link) return false;
  const { stat } = resolved;
  const now = {
    ...snapshotOf(row),
    dev: BigInt.asIntN(64, stat.dev),
    ino: BigInt.asIntN(64, stat.ino),
    size: stat.size,
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
  };
  return row.incomplete !== "unstable" && sameStat(snapshotOf(row), now);
}

/** What could not be read may be readable now without its times having moved (a parent's mode). */
function whyDenied(resolved: ResolvedPath): string | null {
  if (resolved.kind !== "found") return null;
  try {
    accessSync(fsPath(resolved.final), constants.R_OK);
    return null;
  } catch (error) {
    return errnoOf(error) ?? "EACCES";
  }
}

function* leftovers(
  context: SweepContext,
  pass: RootPass,
  rows: ReadonlyMap<PathKey, PathRow>,
): Generator<SweepStep> {
  for (const [path, row] of rows) {
    if (row.removed_at === null && isOurs(context, pass, path)) yield found({ kind: "gone", path });
  }
}

/** Stored paths in directories that are no longer there; those below an unreadable directory are not known to be gone. */
function* vanished(
  context: SweepContext,
  pass: RootPass,
  visited: ReadonlySet<PathKey>,
  blocked: readonly PathKey[],
): Generator<SweepStep> {
  const { root } = pass;
  if (root.pattern === null && context.known.one(root.base)?.removed_at === null) {
    if (resolvePath(root.base, root.followSymlinks).kind === "absent")
      yield found({ kind: "gone", path: root.base });
  }
  for (const { path, parent } of context.known.below(root.base)) {
    if (
      visited.has(parent) ||
      blocked.some((directory) => parent === directory || parent.startsWith(`${directory}/`))
    )
      continue;
    if (isOurs(context, pass, path)) yield found({ kind: "gone", path });
  }
}
