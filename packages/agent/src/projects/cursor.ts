import { join } from "node:path";
import { isRawKey, nameOf } from "@sigil/core/plain";
import { listDirectory } from "../sweep/list.ts";
import type { Recorded, RecordLimits } from "./records.ts";

/** Folders of Cursor that are looked at. */
const MAX_NAMES = 256;
/** Directories in which one name is looked for: where many could be meant, it may not take the others' share. */
const MAX_LOOKS = 512;

interface Wanted {
  looks: number;
  found: string | null;
}

/** What is left of a name in a directory that its beginning led to. */
interface Rest {
  readonly of: Wanted;
  readonly rest: string;
}

/**
 * Projects by Cursor's folders for them. Cursor names one after the project's path with separators turned to `-`. The
 * way back is ambiguous, so all names together are matched against the directories that exist, from `/` down. Each
 * directory is listed once, whatever number of names leads to it, and all of them within one bound of directories and
 * entries: what lies there is made by others. Yields after each directory, so that its caller can breathe.
 */
export function* findCursorProjects(
  home: string,
  limits: RecordLimits,
): Generator<undefined, Recorded> {
  const folder = join(home, ".cursor", "projects");
  const left = { directories: limits.maxDirectories, entries: limits.maxEntries };
  const { names, complete } = list(folder, left);
  const wanted = names.slice(0, MAX_NAMES).map((name) => ({
    of: { looks: MAX_LOOKS, found: null },
    rest: name.replace(/^-/, ""),
  }));
  let whole = complete && names.length <= MAX_NAMES;
  const stack: { directory: string; rests: readonly Rest[] }[] = [
    { directory: "/", rests: wanted },
  ];
  for (let look = stack.pop(); look; look = stack.pop()) {
    const { directory } = look;
    const rests = look.rests.filter((one) => isOpen(one, directory));
    if (rests.length === 0) continue;
    const able = rests.filter(({ of }) => of.looks > 0);
    if (able.length < rests.length) whole = false;
    if (able.length === 0) continue;
    if (left.directories <= 0 || left.entries <= 0) return found(wanted, folder, false);
    for (const { of } of able) of.looks -= 1;
    const listing = list(directory, left);
    whole &&= listing.complete;
    stack.push(...leadsOn(directory, listing.names, able).toReversed());
    yield undefined;
  }
  return found(wanted, folder, whole);
}

/** @returns false when its name has been found by now: here, where nothing of it is left, or elsewhere */
function isOpen({ of, rest }: Rest, directory: string): boolean {
  if (rest === "") of.found ??= directory;
  return of.found === null;
}

function found(wanted: readonly { of: Wanted }[], folder: string, whole: boolean): Recorded {
  const projects = wanted.flatMap(({ of }) => (of.found === null ? [] : [of.found]));
  return { projects, cut: whole ? [] : [folder] };
}

/** The directories that a name may go on in, with what is left of it there. */
function leadsOn(directory: string, names: readonly string[], rests: readonly Rest[]) {
  const begins = beginnings(rests);
  return names.flatMap((name) => {
    const next = begins.get(name.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-/, ""));
    return next ? [{ directory: join(directory, name), rests: next }] : [];
  });
}

/** Names by each beginning that may be the name of one directory: an entry is looked up, not compared with all. */
function beginnings(rests: readonly Rest[]): ReadonlyMap<string, readonly Rest[]> {
  const begins = new Map<string, Rest[]>();
  for (const { of, rest } of rests) {
    for (let end = rest.indexOf("-", 1); end !== -1; end = rest.indexOf("-", end + 1))
      add(begins, rest.slice(0, end), { of, rest: rest.slice(end + 1) });
    add(begins, rest, { of, rest: "" });
  }
  return begins;
}

function add(begins: Map<string, Rest[]>, beginning: string, rest: Rest): void {
  const before = begins.get(beginning);
  if (before) before.push(rest);
  else begins.set(beginning, [rest]);
}

/** The directories in a directory, taken off what may be read. */
function list(directory: string, left: { directories: number; entries: number }) {
  left.directories -= 1;
  const listing = listDirectory(directory, left.entries);
  if (listing.kind !== "listed") return { names: [], complete: true };
  left.entries -= listing.entries.length;
  const names = listing.entries
    .filter(({ path, type }) => type === "directory" && !isRawKey(path))
    .map(({ path }) => nameOf(path));
  return { names, complete: listing.complete };
}
