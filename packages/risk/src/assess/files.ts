import type { Surface } from "../model/surface.ts";
import type { Reading, Tool } from "../model/tool.ts";
import type { FileFacts } from "../model/world.ts";
import { messageless } from "./failure.ts";
import type { AssessLimits } from "./limits.ts";
import type { Recorder } from "./recorder.ts";

/** One guard file as it was read. */
export interface ReadFile {
  readonly surface: Surface;
  readonly reading: Reading;
  readonly facts: FileFacts;
  /** Null: it could not be read. */
  readonly contentHash: string | null;
}

/** Readings of the assessor's life, as long as the file and all its reader looked at is as it was. */
const KEPT = 4096;

export type FileReader = (
  tool: Tool,
  surfaces: readonly Surface[],
  onFile: (surface: Surface) => void,
) => ReadFile[];

interface Kept {
  readonly digest: string;
  readonly reading: Reading;
  readonly asked: ReturnType<Recorder["during"]>["asked"];
}

/** Reads guard files, and those they lead to. Absent ones are none. */
export function createFileReader(recorder: Recorder, limits: AssessLimits): FileReader {
  const kept = new Map<string, Kept>();
  return (tool, surfaces, onFile) => {
    const files: ReadFile[] = [];
    const seen = new Set<string>();
    let level = surfaces;
    for (let depth = 0; depth <= limits.leadDepth && level.length > 0; depth++) {
      const next: Surface[] = [];
      for (const surface of level) {
        const key = keyOf(surface);
        if (seen.has(key) || files.length >= limits.files) continue;
        seen.add(key);
        onFile(surface);
        const file = readFile(tool, surface, { recorder, limits, kept });
        if (!file) continue;
        files.push(file);
        next.push(...file.reading.leads);
      }
      level = next;
    }
    return files;
  };
}

/** One file can be a project's and, read for another, the user's. */
function keyOf({ path, project, tool }: Surface): string {
  return `${tool}\0${project ?? ""}\0${path}`;
}

interface ReadPorts {
  readonly recorder: Recorder;
  readonly limits: AssessLimits;
  readonly kept: Map<string, Kept>;
}

function readFile(tool: Tool, surface: Surface, ports: ReadPorts): ReadFile | null {
  const view = ports.recorder.world.read(surface.path, ports.limits.fileBytes);
  switch (view.kind) {
    case "absent":
    case "directory":
      return null;
    case "not_regular":
      return closed(surface, "not a regular file", noFacts(surface));
    case "unreadable":
      return closed(surface, "unreadable", noFacts(surface));
    case "too_large":
      return closed(surface, "too large", view.facts);
    case "read": {
      const reading = understood(tool, surface, view, ports);
      return { surface, reading, facts: view.facts, contentHash: view.digest };
    }
  }
}

function understood(
  tool: Tool,
  surface: Surface,
  { text, digest }: { readonly text: string; readonly digest: string },
  { recorder, limits, kept }: ReadPorts,
): Reading {
  const key = `${keyOf(surface)}\0${surface.role}\0${surface.scope}`;
  const known = kept.get(key);
  if (known?.digest === digest && recorder.holds(known.asked)) return known.reading;
  const { world } = recorder;
  const start = world.now();
  const { result: whole, asked } = recorder.during(() =>
    messageless(() => tool.read(surface, text, world), unread(surface, "not understood")),
  );
  const result = bounded(whole, limits.entries);
  if (world.now() - start > limits.fileMs)
    return { ...result, unassessed: { why: "timed out", hides: true } };
  if (kept.size >= KEPT) kept.clear();
  kept.set(key, { digest, reading: result, asked });
  return result;
}

/** Of each kind by itself: a hundred thousand permissions hide no hook behind them. */
function bounded(reading: Reading, most: number): Reading {
  if (reading.entries.length <= most) return reading;
  const counts = new Map<string, number>();
  const entries = reading.entries.filter(({ kind }) => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= most;
  });
  if (entries.length === reading.entries.length) return reading;
  return { ...reading, entries, unassessed: { why: "too_many", hides: true } };
}

function closed(surface: Surface, why: string, facts: FileFacts): ReadFile {
  return { surface, reading: unread(surface, why), facts, contentHash: null };
}

function unread(surface: Surface, why: string): Reading {
  return { surface, entries: [], notices: [], unassessed: { why, hides: true }, leads: [] };
}

function noFacts({ path }: Surface): FileFacts {
  return {
    realPath: path,
    links: [],
    size: 0,
    mode: null,
    owner: null,
    writableByOthers: null,
    adminOnly: null,
  };
}
