import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temp directory with its symlinks resolved, removed by `remove`. */
export type Scratch = { readonly path: string; readonly remove: () => void };

export function scratch(): Scratch {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "sigil-git-")));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs the real git, with nothing of this machine's configuration. */
export function git(cwd: string, args: readonly string[], input?: Uint8Array): Buffer {
  return execFileSync("git", args, {
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
    ...(input === undefined ? {} : { input }),
    env: {
      PATH: process.env["PATH"],
      HOME: cwd,
      LC_ALL: "C",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_AUTHOR_NAME: "a",
      GIT_AUTHOR_EMAIL: "a@example.org",
      GIT_COMMITTER_NAME: "a",
      GIT_COMMITTER_EMAIL: "a@example.org",
      GIT_ALLOW_PROTOCOL: "file",
    },
  });
}

export function initRepo(path: string, ...options: readonly string[]): string {
  mkdirSync(path, { recursive: true });
  git(path, ["init", "-q", "-b", "main", ...options]);
  return path;
}

/** Writes a file and the directories above it; all with one text unless given. */
export function put(root: string, name: string | Uint8Array, text = "text"): void {
  const path = at(root, name);
  mkdirSync(Buffer.from(dirname(path.toString("latin1")), "latin1"), { recursive: true });
  writeFileSync(path, text);
}

/** `root/name` as bytes, so that names need not be UTF-8. */
export function at(root: string, name: string | Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(`${root}/`),
    typeof name === "string" ? Buffer.from(name) : name,
  ]);
}

/** What git says is tracked, as latin1 strings (one char a byte). */
export function listed(root: string, ...options: readonly string[]): string[] {
  const out = git(root, ["ls-files", "-z", ...options]).toString("latin1");
  return [...new Set(out.split("\0").filter((name) => name !== ""))];
}

/** The version field of a repository's index. */
export function indexVersion(root: string): number {
  return readFileSync(join(root, ".git/index")).readUInt32BE(4);
}

/** Puts names into the index without a work tree file, each with a stage-0 entry. */
export function addNames(root: string, names: readonly string[]): void {
  const id = git(root, ["hash-object", "-w", "--stdin"], Buffer.from("x")).toString().trim();
  const lines = names.map((name) => `100644 ${id} 0\t${name}\0`).join("");
  git(root, ["update-index", "-z", "--index-info"], Buffer.from(lines, "latin1"));
}
