// Checks that what each package's manifest promises (exports, types, bin, files) is what an installed copy would hold.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { ROOT } from "./setup.mjs";

const folders = readdirSync(join(ROOT, "packages")).map((name) => join(ROOT, "packages", name));
let problems = 0;
for (const pkgDir of folders) {
  const manifest = JSON.parse(readFileSync(join(pkgDir, "package.json"), "utf8"));
  // pnpm packs as `npm publish` would; strict: a warning fails too, a suggestion is only told.
  const { messages } = await publint({ pkgDir, strict: true, pack: "npm" });
  for (const message of messages) {
    process.stdout.write(
      `${manifest.name}: ${message.type}: ${formatMessage(message, manifest)}\n`,
    );
    if (message.type !== "suggestion") problems += 1;
  }
}
process.stdout.write(`${folders.length} packages checked, ${problems} problems\n`);
process.exit(problems === 0 ? 0 : 1);
