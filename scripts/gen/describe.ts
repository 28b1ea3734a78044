/** Puts a JSON Schema node into words for the reference pages. */
import type { JsonSchema } from "./schemas.ts";
import { cell, code } from "./markdown.ts";

const LARGEST = Number.MAX_SAFE_INTEGER;

/** A node's type in a few words, as Markdown for a table cell. */
export function typeOf(node: JsonSchema): string {
  const choices = node.anyOf ?? node.oneOf;
  if (choices) return choices.map(typeOf).join(" or ");
  if (node.const !== undefined) return code(String(node.const));
  if (node.enum) return node.enum.map((value) => code(String(value))).join(", ");
  if (typeof node.type === "object")
    return node.type.map((type) => typeOf({ ...node, type })).join(" or ");
  switch (node.type) {
    case "array":
      return `list of ${node.items ? typeOf(node.items) : "anything"}${bounds(node.minItems, node.maxItems, "entries")}`;
    case "object":
      return objectType(node);
    case "string":
      return `${stringType(node)}${node.pattern === undefined ? bounds(node.minLength, node.maxLength, "characters") : ""}`;
    case "integer":
      return `whole number${bounds(node.minimum, node.maximum, "")}`;
    case "boolean":
      return "`true`, `false`";
    default:
      return node.type ?? "anything";
  }
}

/** Patterns said in words; any other stands as it is. */
const PATTERNS: Readonly<Record<string, string>> = {
  "^blake3:[0-9a-f]{64}$": "`blake3:` and 64 hex digits",
  "^0[0-7]{3,4}$": "text such as `0644`",
  "^[0-9a-f]{32}$": "32 hex digits",
  "^[a-z0-9][a-z0-9._-]{0,127}$": "lower-case letters, digits, `-`, `_`, `.`, at most 128",
  "^[\\x21-\\x7e]{1,128}$": "1 to 128 printable ASCII characters without spaces",
};

/** The range of a number, or an empty text. */
export function rangeOf(node: JsonSchema): string {
  if (node.minimum === undefined || node.maximum === undefined) return "";
  return `${grouped(node.minimum)} to ${grouped(node.maximum)}`;
}

export function defaultOf(node: JsonSchema): string {
  return node.default === undefined ? "" : code(JSON.stringify(node.default));
}

export function descriptionOf(node: JsonSchema): string {
  return cell(node.description ?? "");
}

export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

function objectType(node: JsonSchema): string {
  if (node.properties) {
    const names = Object.keys(node.properties);
    return node.title ?? `a mapping with ${names.map(code).join(", ")}`;
  }
  const value = node.additionalProperties;
  return typeof value === "object" ? `map of name to ${typeOf(value)}` : "map";
}

function stringType(node: JsonSchema): string {
  if (node.format === "date-time") return "RFC 3339 time";
  if (node.format === "date") return "date";
  if (node.format === "uuid") return "UUID";
  if (node.pattern === undefined) return "text";
  return PATTERNS[node.pattern] ?? `text like ${code(node.pattern)}`;
}

function bounds(least: number | undefined, most: number | undefined, unit: string): string {
  const low = least === undefined || least <= 0 || least === -LARGEST ? null : grouped(least);
  const high = most === undefined || most === LARGEST ? null : grouped(most);
  const of = unit === "" ? "" : ` ${unit}`;
  if (low !== null && high !== null) return `, ${low} to ${high}${of}`;
  if (high !== null) return `, at most ${high}${of}`;
  return low === null ? "" : `, at least ${low}${of}`;
}
