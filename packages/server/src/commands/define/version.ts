import { write } from "@sigil/cli";
import { VERSION } from "../../version.ts";
import type { Define } from "../act.ts";

export const defineVersion: Define = (program) => {
  program
    .command("version")
    .description("print the version")
    .option("--json", "print JSON")
    .action((flags: { json?: boolean }) => {
      const about = { version: VERSION, node: process.versions.node };
      write(flags.json ? `${JSON.stringify(about)}\n` : `sigil-server ${VERSION}\n`);
    });
};
