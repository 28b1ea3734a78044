import { Buffer } from "node:buffer";
import {
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  type Stats,
} from "node:fs";
import { b3 } from "../digest.ts";
import type { Rel } from "./place.ts";
import type { Policy, Watched } from "./policies.ts";

/** What a watched path is on disk now, read apart from the agent. */
export interface Truth {
  readonly tier: "critical" | "standard";
  readonly hash: string | null;
  /** Of a file that is too large by the policy in force: an earlier policy may have had it read. */
  readonly large: string | null;
  readonly link: string | null;
  /** Null where it says nothing of contents. */
  readonly size: number | null;
  readonly mode: string;
  readonly incomplete: boolean;
}

export interface Expected {
  readonly paths: ReadonlyMap<Rel, Truth>;
  /** Below these nobody can say: the agent may not look, or two links lead to one directory. */
  readonly unknown: readonly Rel[];
}

export interface Reader {
  readonly home: string;
  /** The agent is not root: modes matter. */
  readonly nobody: boolean;
  readonly policy: Policy;
}

export const bytes = (home: string, rel: Rel): Buffer =>
  Buffer.concat([Buffer.from(`${home}/`), Buffer.from(rel, "latin1")]);

/** Everything the policy means, as it is. */
export function expected(reader: Reader): Expected {
  const paths = new Map<Rel, Truth>();
  const unknown: Rel[] = [];
  for (const watched of reader.policy.watched) walk(reader, watched, paths, unknown);
  return { paths, unknown };
}

function walk(reader: Reader, watched: Watched, paths: Map<Rel, Truth>, unknown: Rel[]): void {
  const { base, depth, follow, tier, self } = watched;
  const put = (rel: Rel) => {
    const truth = truthOf(reader, rel, follow);
    if (truth === "unknown") unknown.push(rel);
    else if (truth) paths.set(rel, { ...truth, tier });
  };
  const way = blocked(reader, base);
  if (way !== null) {
    unknown.push(way);
    return;
  }
  const own = look(() => lstatSync(bytes(reader.home, base)));
  if (self && (!own?.isDirectory() || depth === 0)) put(base);
  // A base spelled as a glob is a directory or nothing.
  if (!self) unknown.push(`${base}\u0000`);
  if (depth === 0 || !own) return;
  if (own.isSymbolicLink() && !follow) return;
  const top = look(() => statSync(bytes(reader.home, base)));
  if (!top?.isDirectory()) return;
  const linked = new Map<string, Rel>([[id(top), base]]);
  const stack: { rel: Rel; level: number }[] = [{ rel: base, level: 1 }];
  for (let at = stack.pop(); at; at = stack.pop()) {
    if (!may(reader, at.rel, 5)) {
      unknown.push(at.rel);
      continue;
    }
    for (const name of readdirSync(bytes(reader.home, at.rel), { encoding: "latin1" })) {
      const rel = `${at.rel}/${name}`;
      const stat = lstatSync(bytes(reader.home, rel));
      if (!stat.isDirectory()) put(rel);
      if (at.level >= depth) continue;
      if (stat.isDirectory()) stack.push({ rel, level: at.level + 1 });
      else if (stat.isSymbolicLink() && follow) {
        const led = look(() => statSync(bytes(reader.home, rel)));
        if (!led?.isDirectory()) continue;
        const before = linked.get(id(led));
        if (before === undefined) stack.push({ rel, level: at.level + 1 });
        else {
          unknown.push(rel);
          // Which of two links is entered depends on the order of the directory.
          if (before !== base) unknown.push(before);
        }
        linked.set(id(led), before ?? rel);
      }
    }
  }
}

function truthOf(
  reader: Reader,
  rel: Rel,
  follow: boolean,
): Omit<Truth, "tier"> | "unknown" | null {
  const path = bytes(reader.home, rel);
  const own = look(() => lstatSync(path));
  if (!own || own.isDirectory()) return null;
  if (!own.isSymbolicLink()) return fileTruth(reader, path, own, null);
  const link = readlinkSync(path, { encoding: "buffer" }).toString("utf8");
  const bare = { hash: null, large: null, link, size: null, mode: modeOf(own), incomplete: false };
  if (!follow) return bare;
  if (reader.nobody && barred(path)) return "unknown";
  try {
    const led = statSync(path);
    return led.isDirectory() ? bare : fileTruth(reader, path, led, link);
  } catch (error) {
    // Nowhere, or where the agent may not look.
    if (reader.nobody) return "unknown";
    return { ...bare, incomplete: (error as NodeJS.ErrnoException).code === "ELOOP" };
  }
}

function fileTruth(
  reader: Reader,
  path: Buffer,
  stat: Stats,
  link: string | null,
): Omit<Truth, "tier"> {
  const said = { hash: null, large: null, link, size: null, mode: modeOf(stat), incomplete: true };
  if (!stat.isFile()) return said;
  if (reader.nobody && (stat.mode & 4) === 0) return { ...said, size: stat.size };
  if (stat.size > reader.policy.maxBytes)
    return { ...said, size: stat.size, large: b3(readFileSync(path)) };
  return { ...said, hash: b3(readFileSync(path)), size: stat.size, incomplete: false };
}

function modeOf(stat: Stats): string {
  return `0${(stat.mode & 0o7777).toString(8).padStart(3, "0")}`;
}

/** The first directory on the way that the agent may not pass; null: it may pass all. */
function blocked(reader: Reader, rel: Rel): Rel | null {
  const names = rel.split("/");
  for (let count = 1; count < names.length; count += 1) {
    const way = names.slice(0, count).join("/");
    if (!may(reader, way, 1)) return way;
  }
  return null;
}

/** Everything here belongs to root: to the agent as nobody the last three bits apply. */
function may(reader: Reader, rel: Rel, bits: number): boolean {
  if (!reader.nobody) return true;
  const stat = look(() => statSync(bytes(reader.home, rel)));
  if (!stat?.isDirectory()) return true;
  if ((stat.mode & bits) !== bits) return false;
  const real = look(() => realpathSync.native(bytes(reader.home, rel), "buffer"));
  return real === null || !barred(real);
}

/** Whether a directory on the way to where a path leads keeps others out. */
function barred(path: Buffer): boolean {
  // The kernel's own way: the other one reads names on the way as text, and finds nothing behind one that is none.
  const real = look(() => realpathSync.native(path, "buffer"));
  const names = (real?.toString("latin1") ?? "").split("/");
  for (let count = 2; count < names.length; count += 1) {
    const way = Buffer.from(names.slice(0, count).join("/"), "latin1");
    const stat = look(() => statSync(way));
    if (stat?.isDirectory() && (stat.mode & 1) === 0) return true;
  }
  return false;
}

function id(stat: Stats): string {
  return `${stat.dev}:${stat.ino}`;
}

function look<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
