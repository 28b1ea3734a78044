import { LineCounter, parseDocument, visit, type Document } from "yaml";
import type { z } from "zod";
import { policySchema, type PolicyDocument } from "@sigil/core";
import { fail, type AgentErrorCode } from "../errors.ts";
import { readBounded } from "../fs/read.ts";

/** Largest policy file read. Bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Leads from a key path in the document to its place in the file, for errors found later. */
export type Locate = (path: readonly PropertyKey[]) => string;

export interface LoadedPolicy {
  readonly document: PolicyDocument;
  /** The document as written, before defaults. */
  readonly given: unknown;
  readonly locate: Locate;
  readonly text: string;
}

/**
 * Reads and validates one policy file.
 * @returns null when there is none
 * @throws SIGIL_POLICY_UNREADABLE, _TOO_LARGE, _SYNTAX, _UNKNOWN_KEY, _DUPLICATE_ID, _INVALID; each names `file:line:column`
 */
export function loadPolicyFile(file: string): LoadedPolicy | null {
  const read = readBounded(file, MAX_BYTES);
  switch (read.kind) {
    case "absent":
      return null;
    case "too_large":
      throw fail(
        "SIGIL_POLICY_TOO_LARGE",
        `${file} has ${read.size} bytes; at most ${MAX_BYTES} are read`,
      );
    case "not_regular":
      throw fail("SIGIL_POLICY_UNREADABLE", `${file} is not a regular file`);
    case "unreadable":
      throw fail(
        "SIGIL_POLICY_UNREADABLE",
        `cannot read ${file}: ${read.errno}`,
        linkHint(read.errno),
      );
    case "read":
      return parsePolicy(read.bytes.toString("utf8"), file);
  }
}

function linkHint(errno: string): { hint?: string } {
  return errno === "ELOOP" ? { hint: "the policy file must not be a symbolic link" } : {};
}

/** Validates policy text. `name` stands for the file in errors. @throws as {@link loadPolicyFile} */
export function parsePolicy(text: string, name: string): LoadedPolicy {
  const { value, ...rest } = parseYaml(text, name, policySchema);
  return { document: value, ...rest, text };
}

export interface ParsedYaml<T> {
  readonly value: T;
  readonly given: unknown;
  readonly locate: Locate;
}

/** Reads one YAML document of a schema, aliases bounded. @throws SIGIL_POLICY_SYNTAX, _UNKNOWN_KEY, _INVALID */
export function parseYaml<T>(text: string, name: string, schema: z.ZodType<T>): ParsedYaml<T> {
  const lines = new LineCounter();
  // A byte order mark is no part of the first line: editors do not count it.
  const yaml = parseDocument(text.replace(/^\uFEFF/, ""), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
  });
  const locate: Locate = (path) => placeOf(yaml, lines, name, path);
  const [syntax] = yaml.errors;
  if (syntax) {
    const { line, col } = lines.linePos(syntax.pos[0]);
    throw fail("SIGIL_POLICY_SYNTAX", `${name}:${line}:${col}: ${syntax.message}`);
  }
  const given: unknown = toPlain(yaml, lines, name);
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw invalid(parsed.error.issues, locate);
  return { value: parsed.data, given, locate };
}

function toPlain(yaml: Document, lines: LineCounter, name: string): unknown {
  try {
    // Aliases are counted: a few lines of them can stand for gigabytes.
    return yaml.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    throw fail(
      "SIGIL_POLICY_SYNTAX",
      `${aliasPlace(yaml, lines, name)}: ${error instanceof Error ? error.message : "cannot be read"}`,
    );
  }
}

/** The first alias that names nothing, else the first of all: only aliases fail once the syntax is right. */
function aliasPlace(yaml: Document, lines: LineCounter, name: string): string {
  let first: number | undefined;
  let unresolved: number | undefined;
  visit(yaml, {
    Alias(_key, node) {
      first ??= node.range?.[0];
      if (node.resolve(yaml) === undefined) unresolved ??= node.range?.[0];
    },
  });
  const { line, col } = lines.linePos(unresolved ?? first ?? 0);
  return `${name}:${line}:${col}`;
}

function invalid(issues: readonly z.core.$ZodIssue[], locate: Locate): Error {
  const [first] = issues;
  if (!first) return fail("SIGIL_POLICY_INVALID", "the policy is not valid");
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  if (first.code === "unrecognized_keys") {
    const key = first.keys[0] ?? "";
    const path = [...first.path, key];
    return fail(
      "SIGIL_POLICY_UNKNOWN_KEY",
      `${locate(path)}: unknown key "${dotted(path)}"${more}`,
    );
  }
  const code: AgentErrorCode = "SIGIL_POLICY_INVALID";
  return fail(
    code,
    `${locate(first.path)}: ${dotted(first.path) || "policy"}: ${first.message}${more}`,
  );
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index ? "." : ""}${String(part)}`,
    )
    .join("");
}

/** `file:line:column` of a key path; of its nearest parent when the path itself is not in the file. */
function placeOf(
  yaml: Document,
  lines: LineCounter,
  name: string,
  path: readonly PropertyKey[],
): string {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(yaml, path.slice(0, length));
    if (offset === null) continue;
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  }
  return `${name}:1:1`;
}

interface YamlNode {
  readonly range?: readonly [number, number, number] | null;
  readonly items?: readonly {
    readonly key?: { readonly value?: unknown; readonly range?: readonly number[] };
  }[];
}

function offsetOf(yaml: Document, path: readonly PropertyKey[]): number | null {
  const last = path[path.length - 1];
  const parentPath = path.slice(0, -1);
  const parent = (parentPath.length === 0 ? yaml.contents : yaml.getIn(parentPath, true)) as
    | YamlNode
    | null
    | undefined;
  const pair =
    typeof last === "string" ? parent?.items?.find((item) => item.key?.value === last) : undefined;
  if (pair) return pair.key?.range?.[0] ?? null;
  const node = yaml.getIn(path, true) as YamlNode | null | undefined;
  return node?.range?.[0] ?? null;
}
