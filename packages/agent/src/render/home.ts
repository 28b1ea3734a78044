import { printable } from "@sigil/cli";

/** A path for people: `~` for the home, control characters escaped. */
export function pathText(path: string, home: string): string {
  const inHome = path === home || path.startsWith(`${home}/`);
  return printable(inHome ? `~${path.slice(home.length)}` : path);
}
