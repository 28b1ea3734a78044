import { isAbsolute, join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { parse as parseToml } from "smol-toml";
import { readBounded } from "../fs/read.ts";
import { findCursorProjects } from "./cursor.ts";
import { keysOfJson, type Keys } from "./keys.ts";

/** `~/.claude.json` grows with use. Bytes. */
const CLAUDE_MAX_BYTES = 32 * 1024 * 1024;
/** Largest of the other records read: TOML of this size takes a quarter of a second. Bytes. */
const MAX_BYTES = 1024 * 1024;
/** Longest time without a look at anything else. Milliseconds. */
const SLICE_MS = 8;

export interface RecordLimits {
  /** Names taken from one record. */
  readonly maxProjects: number;
  /** Directories looked into for what a name may mean. */
  readonly maxDirectories: number;
  readonly maxEntries: number;
}

/** Projects that tools remember, and the records that were not read to their end. */
export interface Recorded {
  readonly projects: readonly string[];
  readonly cut: readonly string[];
}

/**
 * Project directories the tools themselves remember (rubric §3): keys of `projects` in `~/.claude.json`, `[projects]`
 * in `~/.codex/config.toml`, `~/.gemini/trustedFolders.json` and `projects.json`, and Cursor's folders. A record that
 * cannot be read or parsed names no project; nothing in it is believed beyond being a path to look at.
 */
export function recordedProjects(home: string, limits: RecordLimits): Recorded {
  const steps = read(home, limits);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** The same of several homes, beside other work: between two steps everything else gets its turn. */
export async function recordedBeside(
  homes: readonly string[],
  limits: RecordLimits,
): Promise<Recorded> {
  const found: Recorded[] = [];
  let start = performance.now();
  for (const home of homes) {
    const steps = read(home, limits);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) {
      if (performance.now() - start < SLICE_MS) continue;
      await breathe();
      start = performance.now();
    }
    found.push(step.value);
  }
  return together(found);
}

/** What several records say, each project once. */
export function together(all: readonly Recorded[]): Recorded {
  return {
    projects: [...new Set(all.flatMap(({ projects }) => projects))],
    cut: all.flatMap(({ cut }) => cut),
  };
}

interface RecordFile {
  readonly name: string;
  readonly maxBytes: number;
  keys(text: string, max: number): Keys;
}

const RECORDS: readonly RecordFile[] = [
  { name: ".claude.json", maxBytes: CLAUDE_MAX_BYTES, keys: json("projects") },
  { name: join(".codex", "config.toml"), maxBytes: MAX_BYTES, keys: toml },
  { name: join(".gemini", "trustedFolders.json"), maxBytes: MAX_BYTES, keys: json(null) },
  { name: join(".gemini", "projects.json"), maxBytes: MAX_BYTES, keys: json("projects") },
];

/** True for a file whose change may mean that a project is known now, or forgotten. */
export function isProjectRecord(path: string): boolean {
  return RECORDS.some(({ name }) => path.endsWith(name));
}

function* read(home: string, limits: RecordLimits): Generator<undefined, Recorded> {
  const found: Recorded[] = [];
  for (const file of RECORDS) {
    found.push(readRecord(join(home, file.name), file, limits.maxProjects));
    yield undefined;
  }
  found.push(yield* findCursorProjects(home, limits));
  return together(found);
}

function readRecord(file: string, of: RecordFile, max: number): Recorded {
  const content = readBounded(file, of.maxBytes);
  if (content.kind === "too_large") return { projects: [], cut: [file] };
  if (content.kind !== "read") return { projects: [], cut: [] };
  const { keys, complete } = of.keys(content.bytes.toString("utf8"), max);
  return { projects: keys, cut: complete ? [] : [file] };
}

function isPath(key: string): boolean {
  return isAbsolute(key) && !key.includes("\0");
}

function json(under: string | null): RecordFile["keys"] {
  return (text, max) => keysOfJson(text, under, isPath, max);
}

function toml(text: string, max: number): Keys {
  const keys = Object.keys(record(record(parsed(text))["projects"])).filter(isPath);
  return { keys: keys.slice(0, max), complete: keys.length <= max };
}

/** A record nested without end overflows a parser's stack: its writer must not be able to end the agent with it. */
function parsed(text: string): unknown {
  try {
    return parseToml(text);
  } catch {
    return null;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
