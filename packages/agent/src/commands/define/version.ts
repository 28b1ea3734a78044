import { VERSION } from "../../version.ts";
import type { Define } from "../act.ts";

export const defineVersion: Define = (program) => {
  program
    .command("version")
    .description("print the version")
    .option("--json", "print JSON")
    .action((flags: { json?: boolean }) => {
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ version: VERSION, node: process.versions.node })}\n`
          : `sigil ${VERSION}\n`,
      );
    });
};
