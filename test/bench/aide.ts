import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "./peers.ts";

/** Shell commands that make a database of a tree and check the tree against it. */
export interface Aide {
  readonly init: string;
  readonly check: string;
}

/** AIDE with what a sweep compares: type, inode, owner, mode, size, times, and one SHA-256 a file. */
export function prepareAide(directory: string, tree: string): Aide {
  const config = join(directory, "aide.conf");
  const [known, made] = [join(directory, "aide.db"), join(directory, "aide.db.new")];
  const rule = `${tree.replaceAll(".", "\\.")} p+ftype+i+u+g+s+m+c+sha256`;
  const lines = [
    `database_in=file:${known}`,
    `database_out=file:${made}`,
    "gzip_dbout=no",
    "report_url=stdout",
    rule,
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const aide = `aide --config=${quote(config)}`;
  return { init: `${aide} --init && mv ${quote(made)} ${quote(known)}`, check: `${aide} --check` };
}
