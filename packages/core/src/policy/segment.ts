import { endOfClass } from "./brace.ts";

/** Makes equal what a file system holds to be one name. Works character by character, so separators stay. */
export type Fold = (text: string) => string;

/** Says whether one folded path component is meant. */
export type SegmentTest = (name: string) => boolean;

type Token = string | typeof STAR | typeof ONE | ((char: string) => boolean);
const STAR = Symbol("any characters");
const ONE = Symbol("any one character");

/** The test of a component that is `*`: every name. */
export const anyName: SegmentTest = () => true;

/**
 * Compiles one component of a glob: `*`, `?`, `[a-z]`, `[!a]`, `\x`; all else stands for itself, a leading dot too.
 * No regular expression: a name costs at most (its length × the pattern's length) steps, whoever chose it.
 */
export function compileSegment(text: string, fold: Fold): SegmentTest {
  const tokens = tokenize(text, fold);
  if (tokens.length === 1 && tokens[0] === STAR) return anyName;
  if (tokens.every((token) => typeof token === "string")) {
    const literal = tokens.join("");
    return (name) => name === literal;
  }
  return (name) => matches(tokens, Array.from(name));
}

function tokenize(text: string, fold: Fold): readonly Token[] {
  const tokens: Token[] = [];
  const chars = Array.from(text);
  let offset = 0;
  for (let index = 0; index < chars.length; index += 1) {
    const char = chars[index] as string;
    const end = char === "[" ? endOfClass(text, offset) : null;
    if (end !== null) {
      const inner = Array.from(text.slice(offset + 1, end - 1));
      tokens.push(compileClass(inner, fold));
      index += inner.length + 1;
      offset = end;
      continue;
    }
    offset += char.length;
    if (char === "*") {
      if (tokens[tokens.length - 1] !== STAR) tokens.push(STAR);
    } else if (char === "?") tokens.push(ONE);
    else {
      const escaped = char === "\\" ? chars[index + 1] : undefined;
      if (escaped !== undefined) {
        index += 1;
        offset += escaped.length;
      }
      tokens.push(...Array.from(fold(escaped ?? char)));
    }
  }
  return tokens;
}

function compileClass(inner: readonly string[], fold: Fold): (char: string) => boolean {
  const negated = inner[0] === "!" || inner[0] === "^";
  const ranges = rangesOf(literals(negated ? inner.slice(1) : inner));
  const holds = (char: string) => {
    const code = char.codePointAt(0) ?? 0;
    return ranges.some(([from, to]) => code >= from && code <= to);
  };
  const foldsCase = fold("A") !== "A";
  // Names come folded, a class does not: `[A-Z]` must know `a` where case does not count.
  return (char) => (holds(char) || (foldsCase && holds(char.toUpperCase()))) !== negated;
}

function rangesOf(items: readonly ClassItem[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (let index = 0; index < items.length; index += 1) {
    const from = items[index] as ClassItem;
    const to = items[index + 2];
    const spans = items[index + 1]?.dash === true && to !== undefined;
    ranges.push([from.code, spans ? to.code : from.code]);
    if (spans) index += 2;
  }
  return ranges;
}

interface ClassItem {
  readonly code: number;
  /** A `-` that was not escaped. */
  readonly dash: boolean;
}

function literals(inner: readonly string[]): readonly ClassItem[] {
  const items: ClassItem[] = [];
  for (let index = 0; index < inner.length; index += 1) {
    const escaped = inner[index] === "\\" && index + 1 < inner.length;
    if (escaped) index += 1;
    const char = inner[index] as string;
    items.push({ code: char.codePointAt(0) ?? 0, dash: char === "-" && !escaped });
  }
  return items;
}

function matches(tokens: readonly Token[], chars: readonly string[]): boolean {
  let token = 0;
  let char = 0;
  let star = -1;
  let resume = 0;
  while (char < chars.length) {
    const wanted = tokens[token];
    if (wanted === STAR) {
      star = token;
      resume = char;
      token += 1;
    } else if (wanted !== undefined && accepts(wanted, chars[char] as string)) {
      token += 1;
      char += 1;
    } else if (star >= 0) {
      // Only the last `*` is ever widened: an earlier one took the least it could, which leaves the most for the rest.
      resume += 1;
      token = star + 1;
      char = resume;
    } else return false;
  }
  while (tokens[token] === STAR) token += 1;
  return token === tokens.length;
}

function accepts(token: Exclude<Token, typeof STAR>, char: string): boolean {
  if (typeof token === "string") return token === char;
  return token === ONE || token(char);
}
