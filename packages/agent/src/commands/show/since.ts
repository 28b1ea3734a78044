import { usageError } from "@sigil/cli";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const RFC3339 = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)?)?$/;

/**
 * The moment `--since` means.
 * @param text a duration before `now` (`90s`, `10m`, `2h`, `7d`, `1w`), or an RFC 3339 date or time; UTC without a zone
 * @returns milliseconds since the epoch
 * @throws SIGIL_USAGE_INVALID
 */
export function parseSince(text: string, now: number): number {
  const span = /^(\d{1,9})([smhdw])$/.exec(text);
  if (span) return now - Number(span[1]) * (UNITS[span[2] ?? ""] ?? 0) * 1000;
  const at = RFC3339.test(text) ? Date.parse(zoned(text)) : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw usageError(`--since ${JSON.stringify(text)} is no time`, {
    hint: "give a duration such as 10m, 2h or 7d, or a time such as 2026-05-10T07:14:32Z",
  });
}

function zoned(text: string): string {
  return /[Zz]|[+-]\d\d:\d\d$/.test(text) || text.length === 10 ? text : `${text}Z`;
}
