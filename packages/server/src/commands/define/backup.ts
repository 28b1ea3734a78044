import { examples } from "@sigil/cli/command";
import type { Define } from "../act.ts";
import type { CommandContext } from "../context.ts";

export const defineBackup: Define = (program, act) => {
  program
    .command("backup")
    .description("copy stores, CA and certificate into a new directory, beside a running server")
    .argument("<dir>", "the directory, which must not exist; it holds the CA's key")
    .option("--json", "print JSON")
    .addHelpText("after", examples("sigil-server backup /srv/backup/sigil-2026-05-10"))
    .action(
      act(async (context: CommandContext, directory: string, flags: { json?: boolean }) => {
        const { backup } = await import("../backup.ts");
        return backup(context, directory, flags);
      }),
    );
};
