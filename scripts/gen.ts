/**
 * Writes every generated file: the embedded baseline, the JSON Schemas, docs/reference and the example policy.
 * With `--check` it writes nothing, names the stale files and exits with 1.
 */
import { join } from "node:path";
import { generateBaseline } from "./gen/baseline.ts";
import { staleFiles, writeFiles } from "./gen/files.ts";
import { generateRubric } from "./gen/rubric.ts";
import { generateDefaults } from "./gen/defaults.ts";

const ROOT = join(import.meta.dirname, "..");
const check = process.argv.includes("--check");
const act = check ? staleFiles : writeFiles;

const embedded = new Map([
  ...(await generateBaseline(ROOT)),
  ...(await generateRubric(ROOT)),
  ...generateDefaults(),
]);
const stale = await act(ROOT, embedded, [
  "packages/baseline/src/generated",
  "packages/core/src/generated",
]);
// Only now: the reference is made from the modules that were just written.
const { generateReference, REFERENCE } = await import("./gen/reference.ts");
stale.push(...(await act(ROOT, generateReference(ROOT), [REFERENCE])));

for (const file of stale) process.stderr.write(`${check ? "stale" : "written"}: ${file}\n`);
if (check && stale.length > 0) {
  process.stderr.write(
    'sigil: error: generated files are not current\nsigil: hint: run "npm run gen"\n',
  );
  process.exitCode = 1;
}
