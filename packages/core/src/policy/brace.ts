/** A pattern turned into more alternatives than this is refused: each costs time on every path. */
export const MAX_ALTERNATIVES = 256;

/**
 * Writes out `{a,b}`, `{1..3}`, `{a..c}`, `@(a|b)` and `?(a|b)` as patterns without them. A brace without comma or
 * range, or without its partner, stands for itself.
 * @returns null when there would be more than {@link MAX_ALTERNATIVES}.
 */
export function expandBraces(pattern: string): readonly string[] | null {
  const partners = pair(pattern);
  return partners.size === 0 ? [pattern] : sequence(pattern, 0, pattern.length, partners);
}

/** Index just after the bracket expression that starts at `at`, or null when nothing closes it within its segment. */
export function endOfClass(text: string, at: number): number | null {
  let index = at + 1;
  if (text[index] === "!" || text[index] === "^") index += 1;
  const first = index;
  for (; index < text.length && text[index] !== "/"; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text[index] === "]" && index > first) return index + 1;
  }
  return null;
}

type Partners = ReadonlyMap<number, number>;

/** One pass, so that thousands of unclosed braces cost no more than as many letters. */
function pair(text: string): Partners {
  const partners = new Map<number, number>();
  const open: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === "\\") index += 1;
    else if (char === "[") index = (endOfClass(text, index) ?? index + 1) - 1;
    else if (char === "{" || isGroup(text, index)) open.push(index);
    else if (char === "}" || char === ")") {
      const last = open[open.length - 1];
      if (last !== undefined && (text[last] === "{") === (char === "}")) {
        open.pop();
        partners.set(last, index);
      }
    }
  }
  return partners;
}

function isGroup(text: string, index: number): boolean {
  return (text[index] === "@" || text[index] === "?") && text[index + 1] === "(";
}

function sequence(
  text: string,
  from: number,
  to: number,
  partners: Partners,
): readonly string[] | null {
  let done: string[] = [""];
  let plain = from;
  for (let index = from; index < to; index += 1) {
    const end = partners.get(index);
    if (end === undefined) continue;
    const choices = choicesOf(text, index, end, partners);
    if (choices === null || done.length * choices.length > MAX_ALTERNATIVES) return null;
    const before = text.slice(plain, index);
    done = done.flatMap((head) => choices.map((choice) => head + before + choice));
    index = end;
    plain = end + 1;
  }
  const rest = text.slice(plain, to);
  return done.map((head) => head + rest);
}

function choicesOf(
  text: string,
  open: number,
  end: number,
  partners: Partners,
): readonly string[] | null {
  const brace = text[open] === "{";
  const parts = split(text, open + (brace ? 1 : 2), end, partners, brace ? "," : "|");
  const range = brace && parts.length === 1 ? rangeOf(text.slice(open + 1, end)) : null;
  if (range !== null) return range.length > MAX_ALTERNATIVES ? null : range;
  const choices: string[] = text[open] === "?" ? [""] : [];
  for (const [from, to] of parts) {
    const written = sequence(text, from, to, partners);
    if (written === null || choices.length + written.length > MAX_ALTERNATIVES) return null;
    choices.push(...written);
  }
  return brace && parts.length === 1 ? choices.map((inner) => `{${inner}}`) : choices;
}

function split(
  text: string,
  from: number,
  to: number,
  partners: Partners,
  separator: string,
): (readonly [number, number])[] {
  const parts: [number, number][] = [];
  let start = from;
  for (let index = from; index < to; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text[index] === "[") index = (endOfClass(text, index) ?? index + 1) - 1;
    else if (partners.has(index)) index = partners.get(index) ?? index;
    else if (text[index] === separator) {
      parts.push([start, index]);
      start = index + 1;
    }
  }
  parts.push([start, to]);
  return parts;
}

function rangeOf(inner: string): readonly string[] | null {
  const numbers = /^(\d{1,9})\.\.(\d{1,9})$/.exec(inner);
  const letters = /^([a-z])\.\.([a-z])$|^([A-Z])\.\.([A-Z])$/.exec(inner);
  if (numbers) {
    const [, from = "", to = ""] = numbers;
    const width = [from, to].some((text) => /^0\d/.test(text))
      ? Math.max(from.length, to.length)
      : 0;
    return count(Number(from), Number(to), (value) => String(value).padStart(width, "0"));
  }
  if (!letters) return null;
  const [from = "", to = ""] = letters.slice(1).filter((letter) => letter !== undefined);
  return count(from.charCodeAt(0), to.charCodeAt(0), (value) => String.fromCharCode(value));
}

function count(one: number, other: number, show: (value: number) => string): string[] {
  const low = Math.min(one, other);
  const length = Math.min(Math.abs(one - other), MAX_ALTERNATIVES) + 1;
  return Array.from({ length }, (_, index) => show(low + index));
}
