import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { errnoOf, messageOf } from "@sigil/core/plain";
import { LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { fail } from "./error.ts";

/** Largest configuration file read. Bytes. */
const MAX_BYTES = 1024 * 1024;
/** Aliases are counted: a few lines of them can stand for gigabytes. */
const MAX_ALIASES = 100;

/**
 * Reads a YAML configuration file and checks it; errors name `file:line:column` and the key.
 * @returns the schema's output, of an empty document when there is no such file and it need not be there
 * @throws SIGIL_CONFIG_UNREADABLE, _SYNTAX, _UNKNOWN_KEY, _INVALID
 */
export function loadConfig<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  required: boolean,
): z.output<Schema> {
  const text = readConfig(file);
  if (text === null && required) throw fail("SIGIL_CONFIG_UNREADABLE", `there is no file ${file}`);
  return parseConfig(text ?? "", schema, file);
}

/** As {@link loadConfig}, of text. @param name stands for the file in errors */
export function parseConfig<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  name: string,
): z.output<Schema> {
  const lines = new LineCounter();
  const yaml = parseDocument(text.replace(/^\uFEFF/, ""), {
    lineCounter: lines,
    prettyErrors: false,
  });
  const [syntax] = yaml.errors;
  if (syntax)
    throw fail("SIGIL_CONFIG_SYNTAX", `${at(name, lines, syntax.pos[0])}: ${syntax.message}`);
  const parsed = schema.safeParse(plain(yaml, name) ?? {});
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues, (path) => at(name, lines, offsetOf(yaml, path)));
}

/** Not through a link, not from a FIFO. @returns null when there is none */
function readConfig(file: string): string | null {
  let descriptor: number;
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    descriptor = openSync(file, flags);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    const hint = errnoOf(error) === "ELOOP" ? { hint: "it must not be a symbolic link" } : {};
    throw fail("SIGIL_CONFIG_UNREADABLE", `cannot read ${file}: ${errnoOf(error)}`, hint);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw fail("SIGIL_CONFIG_UNREADABLE", `${file} is not a regular file`);
    if (stat.size > MAX_BYTES)
      throw fail("SIGIL_CONFIG_UNREADABLE", `${file} has ${stat.size} bytes, over ${MAX_BYTES}`);
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function plain(yaml: Document, name: string): unknown {
  try {
    return yaml.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
  } catch (error) {
    throw fail("SIGIL_CONFIG_SYNTAX", `${name}: ${messageOf(error)}`);
  }
}

function invalid(
  issues: readonly z.core.$ZodIssue[],
  place: (path: readonly PropertyKey[]) => string,
): Error {
  const [first] = issues;
  if (!first) return fail("SIGIL_CONFIG_INVALID", "the configuration is not valid");
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  if (first.code === "unrecognized_keys") {
    const path = [...first.path, first.keys[0] ?? ""];
    return fail(
      "SIGIL_CONFIG_UNKNOWN_KEY",
      `${place(path)}: unknown key "${path.join(".")}"${more}`,
    );
  }
  const key = first.path.join(".") || "configuration";
  return fail("SIGIL_CONFIG_INVALID", `${place(first.path)}: ${key}: ${first.message}${more}`);
}

interface Pairs {
  readonly items?: readonly {
    readonly key?: { readonly value?: unknown; readonly range?: readonly number[] };
  }[];
}

/** Of a key, else of its nearest parent in the file. */
function offsetOf(yaml: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? yaml.contents : yaml.getIn(path.slice(0, length - 1), true);
    const pair = (parent as Pairs | null)?.items?.find(
      ({ key }) => key?.value === path[length - 1],
    );
    const offset = pair?.key?.range?.[0];
    if (offset !== undefined) return offset;
  }
  return 0;
}

function at(name: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${line}:${col}`;
}
