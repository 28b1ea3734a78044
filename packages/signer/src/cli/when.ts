import { usageError } from "@sigil/cli";

const DAY = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { h: DAY / 24, d: DAY, w: 7 * DAY, y: 365 * DAY };
const SPAN = /^([1-9]\d{0,4})([hdwy])$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;

/**
 * A point in time: `2027-01-31`, which is its midnight in UTC, or RFC 3339 in UTC.
 * @returns milliseconds since 1970
 * @throws SIGIL_USAGE_INVALID
 */
export function timeOf(text: string, option: string): number {
  const time = DATE.test(text) || INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  // `2027-02-30` is read as the second of March.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text.slice(0, 10)) {
    const hint = "give a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z";
    throw usageError(`${option}: "${text}" is no time`, { hint });
  }
  return time;
}

/** An end: a span from now on, such as `90d`, or a point in time. @returns RFC 3339 @throws SIGIL_USAGE_INVALID */
export function expiryOf(text: string, now: number): string {
  const span = SPAN.exec(text);
  const unit = UNITS[span?.[2] ?? ""];
  const end = span && unit ? now + Number(span[1]) * unit : endOf(text);
  if (end <= now) throw usageError(`--expires: ${text} is over already`);
  if (end > Date.parse("9999-12-31T00:00:00Z"))
    throw usageError(`--expires: ${text} is too far away`);
  return new Date(end).toISOString();
}

function endOf(text: string): number {
  try {
    return timeOf(text, "--expires");
  } catch {
    const hint = "give a span such as 12h, 90d, 8w or 1y, or a date such as 2027-01-31";
    throw usageError(`--expires: "${text}" is no span and no time`, { hint });
  }
}
