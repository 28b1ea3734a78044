import { VERSION } from "../../version.ts";
import type { Define } from "../act.ts";
import { write } from "@sigil/cli";

export const defineVersion: Define = (program) => {
  program
    .command("version")
    .description("print the version")
    .option("--json", "print JSON")
    .action((flags: { json?: boolean }) => {
      write(
        flags.json
          ? `${JSON.stringify({ version: VERSION, node: process.versions.node })}\n`
          : `sigil ${VERSION}\n`,
      );
    });
};
