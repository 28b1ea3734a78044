import { alignColumns, print, printable, printJson } from "@sigil/cli";

/** Rows under a heading, or JSON; a name is anybody's text and loses its control characters. */
export function printRows(
  json: boolean | undefined,
  values: readonly object[],
  heading: readonly string[],
  row: (at: number) => readonly string[],
): void {
  if (json) return printJson(values);
  const rows = values.map((_, at) => row(at).map(printable));
  for (const line of alignColumns([heading, ...rows])) print(line);
}

/** The day and minute of a time, for people; `-` for none. */
export function shortTime(time: string | null): string {
  return time === null ? "-" : `${time.slice(0, 16).replace("T", " ")}Z`;
}
