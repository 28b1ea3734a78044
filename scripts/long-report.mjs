// The report of the long run: a row for each test that went round, as Markdown on the terminal and in .cache/long.md.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** @param rounds a JSON line for each test: test, rounds, did, and lost where it was counted */
export function showLongReport(rounds) {
  const shown = existsSync(rounds)
    ? readFileSync(rounds, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
  const rows = shown
    .toSorted((a, b) => a.test.localeCompare(b.test))
    .map(({ test, rounds: count, did, lost }) => {
      const what = Object.entries(did).map(([name, figure]) => `${name} ${figure}`);
      return `| ${test.replaceAll("|", "\\|")} | ${count} | ${what.join(", ")} | ${lostOf(lost)} |`;
    });
  const table = [
    "| test | rounds | what was done | lost |",
    "| --- | ---: | --- | --- |",
    ...rows,
    "",
  ];
  writeFileSync(join(dirname(rounds), "long.md"), table.join("\n"));
  process.stdout.write(`\n${table.join("\n")}`);
}

/** "nothing" only where it was counted. */
function lostOf(lost) {
  if (lost === undefined) return "—";
  return lost === 0 ? "nothing" : lost;
}
