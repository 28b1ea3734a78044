import { Buffer } from "node:buffer";

/** A path relative to the home, as bytes in latin1 text: names need not be UTF-8. */
export type Rel = string;

const raw = (text: string) => Buffer.from(text).toString("latin1");

/**
 * The one file system entry of each directory that a step names. One is not UTF-8, one is what that one reads as, one
 * is not ASCII.
 */
export const NAMES: readonly Rel[] = ["a", "b", "c", "r\u00ff", raw("r\ufffd"), raw("n\u00fc\n")];

/** Where files come and go: inside every kind of root, and outside of all. */
export const DIRS: readonly Rel[] = [
  ".claude/hooks",
  ".claude/hooks/s",
  ".claude/hooks/s/t",
  ".claude/skills",
  ".claude/skills/s",
  ".claude/skills/s/t",
  ".claude/hooks/d\u00ff",
  "led",
  "led/s",
  "led/s/t",
  "led/d\u00ff",
  "solid",
  "solid/s",
  "pool",
  "pool/s",
  "pool/s/t",
  "pool/u",
  "pool/d\u00ff/s",
  "flat",
  "work/p0/.claude/hooks",
  "work/p0/.claude/skills/s",
  "out",
  "out/d0",
  "out/d0/s",
  "out/d1",
];

/** Files that a target names one by one. */
export const FILES: readonly Rel[] = [
  ".claude/settings.json",
  "far/off/one.conf",
  "work/p0/.claude/settings.json",
  "work/p0/CLAUDE.md",
  "work/p1/.claude/settings.json",
];

/** Directories that are renamed, swapped and removed: those above, and what leads to them. */
export const MOVABLE: readonly Rel[] = [
  ...DIRS,
  ".claude",
  "far",
  "far/off",
  "work/p0/.claude",
  "out/x",
];

/** What a link says; `~` stands for the home. At most one directory of its own each, and the one it lies in. */
export const LINKS: readonly Rel[] = [
  "a",
  "b",
  "../a",
  "~/out/a",
  "~/out/d0/a",
  "~/out/d0/s/b",
  "~/.claude/settings.json",
  "~/out/d0",
  "~/out/d1",
  "~/out/d0/r\u00ff",
  ".",
  "nowhere",
  "~/nowhere/at/all",
];
