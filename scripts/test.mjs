// `npm test`: installs, then every check and every test. Ends with one line: `N passed, N failed`.
// `npm run test:long` (`-- test/e2e/loss` for a part): the same with long loops, and a report of what they did.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { showLongReport } from "./long-report.mjs";
import { ensurePeers } from "./peers.mjs";
import { build, install, nodePath, ROOT, run, toolEnv } from "./setup.mjs";

const long = process.argv.includes("--long");
const parts = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const rounds = join(ROOT, ".cache", "long.jsonl");
install();
ensurePeers();
build();

const bin = (name) => join(ROOT, "node_modules", ".bin", name);
const env = toolEnv({
  CI: process.env.CI ?? "",
  ...(long ? { SIGIL_TEST_LONG: "1", SIGIL_LONG_REPORT: rounds } : {}),
});
const checks = [
  [
    "generated files are current",
    nodePath(),
    ["--conditions=@sigil/source", "scripts/gen.ts", "--check"],
  ],
  ["format", bin("oxfmt"), ["--check"]],
  ["lint", bin("oxlint"), ["--type-aware", "--deny-warnings"]],
  ["types of the tests", bin("tsc"), ["-p", "tsconfig.test.json"]],
  ["unused code", bin("knip"), []],
  ["package manifests", nodePath(), ["scripts/publint.mjs"]],
];

let passed = 0;
let failed = 0;
for (const [name, command, args] of checks) {
  const ok = run(command, args, { env }) === 0;
  process.stdout.write(`${ok ? "ok" : "FAILED"}: ${String(name)}\n`);
  if (ok) passed += 1;
  else failed += 1;
}

const report = join(ROOT, ".cache", "vitest.json");
mkdirSync(join(ROOT, ".cache"), { recursive: true });
for (const old of [report, rounds]) rmSync(old, { force: true });
const code = run(
  bin("vitest"),
  ["run", ...parts, "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`],
  { env },
);
const result = readReport();
passed += result.passed;
failed += result.failed;
// A runner that broke without naming a failed test has failed all the same.
if (code !== 0 && result.failed === 0) failed += 1;
const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : "";
if (long) showLongReport(rounds);
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped}\n`);
process.exit(failed === 0 ? 0 : 1);

function readReport() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
