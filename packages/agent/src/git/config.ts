import { type BytePath, join } from "./bytes.ts";
import { readSmall } from "./io.ts";
import type { GitLimits } from "./limits.ts";
import { isUnanswered, type Unanswered, unanswered } from "./reason.ts";

type Values = ReadonlyMap<string, string | null>;

/** The few repository settings that change where the index is, what it covers and how it is laid out. */
type RepositoryConfig = {
  /** Length of an object id in the index: 20 for SHA-1, 32 for SHA-256. */
  readonly hashBytes: 20 | 32;
  readonly bare: boolean;
  /** `core.worktree` as written, or null. */
  readonly workTree: BytePath | null;
};

const DEFAULTS: RepositoryConfig = { hashBytes: 20, bare: false, workTree: null };

/**
 * Reads what git's own repository check reads (`check_repository_format`): the repository's config
 * and, if it says so, `config.worktree`; no includes, no user or system file, no environment.
 */
export function readConfig(
  gitDir: BytePath,
  commonDir: BytePath,
  limits: GitLimits,
): RepositoryConfig | Unanswered {
  const shared = valuesOf(join(commonDir, "config"), limits);
  if (isUnanswered(shared)) return shared;
  const version = shared.get("core.repositoryformatversion");
  if (version === undefined) return DEFAULTS;
  const hashBytes = hashBytesOf(version, shared);
  if (isUnanswered(hashBytes)) return hashBytes;
  const perWorkTree = boolOf(shared, "extensions.worktreeconfig");
  if (isUnanswered(perWorkTree)) return perWorkTree;
  // A linked work tree ignores the shared core.bare and core.worktree, unless it has its own file.
  if (!perWorkTree && gitDir !== commonDir) return { ...DEFAULTS, hashBytes };
  const own = perWorkTree ? valuesOf(join(gitDir, "config.worktree"), limits) : shared;
  if (isUnanswered(own)) return own;
  const all: Values = new Map([...shared, ...own]);
  const bare = boolOf(all, "core.bare");
  if (isUnanswered(bare)) return bare;
  const workTree = all.get("core.worktree");
  if (workTree === null) return unanswered("bad_config");
  return { hashBytes, bare, workTree: workTree ?? null };
}

function valuesOf(path: BytePath, limits: GitLimits): Values | Unanswered {
  const bytes = readSmall(path, limits.maxSmallFileBytes);
  if (bytes === null) return new Map();
  if (isUnanswered(bytes)) return bytes;
  return parseConfig(bytes.toString("latin1")) ?? unanswered("bad_config");
}

function hashBytesOf(version: string | null, values: Values): 20 | 32 | Unanswered {
  if (version === null || !/^\d{1,9}$/u.test(version)) return unanswered("bad_config");
  const format = values.get("extensions.objectformat");
  // git refuses these too. Other extensions do not touch the index, so they are not asked about.
  if (Number(version) > 1) return unanswered("unsupported_format");
  if (format !== undefined && Number(version) === 0) return unanswered("unsupported_format");
  if (format === undefined || format === "sha1") return 20;
  return format === "sha256" ? 32 : unanswered("unsupported_format");
}

function boolOf(values: Values, key: string): boolean | Unanswered {
  const value = values.get(key);
  if (value === undefined) return false;
  if (value === null || /^(?:true|yes|on)$/iu.test(value)) return true;
  if (value === "" || /^(?:false|no|off)$/iu.test(value)) return false;
  if (!/^[-+]?\d+[kmg]?$/iu.test(value)) return unanswered("bad_config");
  return Number.parseInt(value, 10) !== 0;
}

const SECTION = /\[([A-Za-z0-9.-]+)(?:[ \t]+("(?:[^"\\\n]|\\[^\n])*"))?[ \t]*\]/uy;
const KEY = /([A-Za-z][A-Za-z0-9-]*)[ \t]*(=?)/uy;

/**
 * `section.key` → last value, for sections without a subsection; null for a key without `=`.
 * Answers null where git would refuse the file. One pass, no backtracking.
 */
export function parseConfig(source: string): Values | null {
  // git skips a UTF-8 byte order mark and reads CRLF as LF.
  const text = source.replace(/^\u00ef\u00bb\u00bf/u, "").replaceAll("\r\n", "\n");
  const values = new Map<string, string | null>();
  let section: string | null = null;
  for (let at = 0; at < text.length;) {
    const char = text.charAt(at);
    if (/\s/u.test(char)) {
      at += 1;
    } else if (char === "#" || char === ";") {
      at = lineEnd(text, at);
    } else if (char === "[") {
      SECTION.lastIndex = at;
      const head = SECTION.exec(text);
      if (head === null) return null;
      section = head[2] === undefined ? (head[1] ?? "").toLowerCase() : null;
      at = SECTION.lastIndex;
    } else {
      KEY.lastIndex = at;
      const key = KEY.exec(text);
      if (key === null) return null;
      const read = key[2] === "=" ? readValue(text, KEY.lastIndex) : bareKey(text, KEY.lastIndex);
      if (read === null) return null;
      if (section !== null) values.set(`${section}.${(key[1] ?? "").toLowerCase()}`, read.value);
      at = read.next;
    }
  }
  return values;
}

type ReadValue = { readonly value: string | null; readonly next: number };

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

function bareKey(text: string, at: number): ReadValue | null {
  return at === text.length || text[at] === "\n" ? { value: null, next: at } : null;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "",
  '"': '"',
  "\\": "\\",
  n: "\n",
  t: "\t",
  b: "\b",
};

function readValue(text: string, from: number): ReadValue | null {
  let value = "";
  // Length up to which trailing blanks are part of the value.
  let solid = 0;
  let quoted = false;
  let at = from;
  for (; at < text.length && text[at] !== "\n"; at += 1) {
    const char = text.charAt(at);
    if (!quoted && (char === "#" || char === ";")) {
      at = lineEnd(text, at);
      break;
    }
    if (char === '"') {
      quoted = !quoted;
    } else if (char === "\\") {
      at += 1;
      const escaped = ESCAPES[text.charAt(at)];
      if (escaped === undefined) return null;
      value += escaped;
    } else {
      if (!quoted && /\s/u.test(char)) {
        if (value !== "") value += char;
        continue;
      }
      value += char;
    }
    solid = value.length;
  }
  return quoted ? null : { value: value.slice(0, solid), next: at };
}
