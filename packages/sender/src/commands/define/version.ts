import { print, printJson } from "@sigil/cli";
import { VERSION } from "../../version.ts";
import type { Define } from "../act.ts";

export const defineVersion: Define = (program) => {
  program
    .command("version")
    .description("print the version")
    .option("--json", "print JSON")
    .action((flags: { json?: boolean }) => {
      if (flags.json) printJson({ version: VERSION, node: process.versions.node });
      else print(`sigil-sender ${VERSION}`);
    });
};
