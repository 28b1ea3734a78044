import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { NAMES, type Rel } from "./place.ts";
import type { Step } from "./steps.ts";
import { bytes } from "./tree.ts";

/** A home that steps are done to, and every path that was ever in it. */
export interface Tree {
  readonly home: string;
  /** A directory on another file system. */
  readonly abroad: string;
  readonly ever: Set<Rel>;
  /** Directories that are closed to others just now. */
  readonly closed: Set<Rel>;
  /** Makes contents different each time. */
  count: number;
}

type Of<O extends Step["op"]> = Extract<Step, { readonly op: O }>;

/** Does a step. What is not there, or in the way, makes it do nothing. */
export async function act(tree: Tree, step: Step): Promise<void> {
  if (step.op === "pause") {
    await sleep(step.ms);
    return;
  }
  tree.count += 1;
  try {
    await perform(tree, step);
  } catch (error) {
    // An error of the test itself must not look like a step in vain. Not all of a system call have a code: ELOOP of `rm`.
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
  }
  remember(tree, "", []);
}

async function perform(tree: Tree, step: Exclude<Step, { op: "pause" }>): Promise<void> {
  const at = (rel: Rel) => bytes(tree.home, rel);
  switch (step.op) {
    case "write":
      makeWay(tree, step.path);
      if (blocks(at(step.path))) return;
      writeFileSync(at(step.path), contents(tree, step.size));
      return;
    case "append":
      if (blocks(at(step.path))) return;
      appendFileSync(at(step.path), contents(tree, step.size));
      return;
    case "replace":
      makeWay(tree, step.path);
      rmSync(at(`${step.path}.new`), { force: true });
      writeFileSync(at(`${step.path}.new`), contents(tree, step.size));
      remember(tree, "", []);
      renameSync(at(`${step.path}.new`), at(step.path));
      return;
    case "truncate": {
      if (blocks(at(step.path))) return;
      const fd = openSync(at(step.path), "r+");
      ftruncateSync(fd, Math.floor(lstatSync(at(step.path)).size / 2));
      closeSync(fd);
      return;
    }
    case "sneak":
      sneak(tree, at(step.path));
      return;
    case "unlink":
      unlinkSync(at(step.path));
      return;
    case "fifo":
      makeWay(tree, step.path);
      rmSync(at(step.path), { force: true });
      tool(["mkfifo"], at(step.path));
      return;
    case "socket":
      makeWay(tree, step.path);
      await leaveSocket(`${tree.home}/out/made.s`, at(step.path));
      return;
    case "touch":
      utimesSync(at(step.path), tree.count, tree.count);
      return;
    case "carry":
      makeWay(tree, step.path);
      writeFileSync(`${tree.abroad}/file`, contents(tree, 40));
      tool(["mv"], Buffer.from(`${tree.abroad}/file`), at(step.path));
      return;
    case "rename":
      makeWay(tree, step.to);
      renameSync(at(step.path), at(step.to));
      return;
    case "hardlink":
      makeWay(tree, step.to);
      linkSync(at(step.path), at(step.to));
      return;
    case "symlink":
      makeWay(tree, step.path);
      rmSync(at(step.path), { force: true });
      symlinkSync(bytesOf(step.says.replace("~", tree.home)), at(step.path));
      return;
    case "chmod":
      if (lstatSync(at(step.path)).isFile()) chmodSync(at(step.path), step.mode);
      return;
    default:
      directoryStep(tree, step);
  }
}

function directoryStep(
  tree: Tree,
  step: Of<
    | "rmrf"
    | "mkdirp"
    | "populate"
    | "burst"
    | "stow"
    | "move"
    | "swap"
    | "exchange"
    | "close"
    | "open"
  >,
): void {
  const at = (rel: Rel) => bytes(tree.home, rel);
  switch (step.op) {
    case "rmrf":
      tool(["rm", "-rf"], at(step.dir));
      return;
    case "mkdirp":
      mkdirSync(at(step.dir), { recursive: true });
      return;
    case "populate":
      populate(tree, step.dir);
      return;
    case "burst":
      mkdirSync(at(step.dir), { recursive: true });
      for (let index = 0; index < 150; index += 1)
        if (!blocks(at(`${step.dir}/f${index % 130}`)))
          writeFileSync(at(`${step.dir}/f${index % 130}`), contents(tree, 20));
      return;
    case "stow":
      stow(tree, step.dir);
      return;
    case "move":
      makeWay(tree, step.to);
      renameSync(at(step.dir), at(step.to));
      return;
    case "swap":
      renameSync(at(step.dir), at("out/swap"));
      remember(tree, "", []);
      renameSync(at(step.to), at(step.dir));
      remember(tree, "", []);
      renameSync(at("out/swap"), at(step.to));
      return;
    case "exchange":
      exchange(at(step.dir), at(step.to));
      return;
    case "close":
      if (!lstatSync(at(step.dir)).isDirectory()) return;
      chmodSync(at(step.dir), 0o700);
      tree.closed.add(step.dir);
      return;
    case "open":
      open(tree);
  }
}

/** Opens what was closed, wherever it is now. */
export function open(tree: Tree): void {
  execFileSync(
    "find",
    [
      tree.home,
      "-type",
      "d",
      "-perm",
      "700",
      "-not",
      "-path",
      "*/.local*",
      "-exec",
      "chmod",
      "755",
      "{}",
      "+",
    ],
    { stdio: "ignore" },
  );
  tree.closed.clear();
}

/** Whoever opens a pipe to write waits for a reader. */
function blocks(path: Buffer): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile();
}

function contents(tree: Tree, size: number): string {
  return `${tree.count} `.repeat(Math.ceil(size / `${tree.count} `.length)).slice(0, size);
}

/** Other contents of the same size under the same times. */
function sneak(tree: Tree, path: Buffer): void {
  const { size, atime, mtime } = statSync(path);
  if (!statSync(path).isFile()) return;
  writeFileSync(path, contents(tree, size));
  utimesSync(path, atime, mtime);
}

/** A directory made complete elsewhere, moved into its place. */
function populate(tree: Tree, dir: Rel): void {
  const made = "out/made";
  const at = (rel: Rel) => bytes(tree.home, rel);
  rmSync(`${tree.home}/${made}`, { recursive: true, force: true });
  mkdirSync(at(`${made}/s/t`), { recursive: true });
  for (const name of NAMES.slice(0, 3)) {
    writeFileSync(at(`${made}/${name}`), contents(tree, 30));
    writeFileSync(at(`${made}/s/t/${name}`), contents(tree, 31));
  }
  remember(tree, "", []);
  makeWay(tree, dir);
  renameSync(at(made), at(dir));
}

/** Moves a directory out of the way and leaves a link to it, as stow and chezmoi do; or back. */
function stow(tree: Tree, dir: Rel): void {
  const at = (rel: Rel) => bytes(tree.home, rel);
  const away = `out/stowed-${dir.replaceAll("/", "-")}`;
  const now = lstatSync(at(dir));
  if (now.isSymbolicLink()) {
    unlinkSync(at(dir));
    renameSync(at(away), at(dir));
    return;
  }
  mkdirSync(at("out"), { recursive: true });
  renameSync(at(dir), at(away));
  remember(tree, "", []);
  symlinkSync(at(away), at(dir));
}

const EXCHANGE = "exit(0 == syscall(316, -100, $ARGV[0], -100, $ARGV[1], 2) ? 0 : 1)";

/** Both at once, so that neither name is ever missing; where there is no such call, nothing. */
function exchange(one: Buffer, other: Buffer): void {
  tool(["perl", "-e", EXCHANGE], one, other);
}

/** Runs a program on paths as they are, which need not be text. What it cannot do is a step in vain. */
function tool(command: readonly string[], ...paths: readonly Buffer[]): void {
  const input = Buffer.concat(paths.map((path) => Buffer.concat([path, Buffer.from([0])])));
  spawnSync("xargs", ["-0", ...command], { input, stdio: ["pipe", "ignore", "ignore"] });
}

async function leaveSocket(made: string, path: Buffer): Promise<void> {
  rmSync(path, { force: true });
  const server = createServer();
  await new Promise<void>((done) => {
    server.once("error", () => done());
    server.listen(made, () => {
      try {
        linkSync(made, path);
      } catch {
        // Something is in its way.
      }
      server.close(() => done());
    });
  });
}

function makeWay(tree: Tree, rel: Rel): void {
  const parent = rel.slice(0, rel.lastIndexOf("/"));
  if (parent !== "") mkdirSync(bytes(tree.home, parent), { recursive: true });
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

const DEEPEST = 12;

/** Adds every path there is, also those behind links. */
function remember(tree: Tree, rel: Rel, above: readonly string[]): void {
  if (rel.split("/").length > DEEPEST || rel === ".local" || rel === ".config") return;
  const path = rel === "" ? Buffer.from(tree.home) : bytes(tree.home, rel);
  let names: string[];
  let here: string;
  try {
    const stat = statSync(path);
    here = `${stat.dev}:${stat.ino}`;
    if (!stat.isDirectory()) return;
    names = readdirSync(path, { encoding: "latin1" });
  } catch {
    return;
  }
  for (const name of names) {
    const below = rel === "" ? name : `${rel}/${name}`;
    tree.ever.add(below);
    // Round a loop of links once: further names of the same are nobody's.
    if (above.filter((one) => one === here).length < 2) remember(tree, below, [...above, here]);
  }
}
