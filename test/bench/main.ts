/**
 * Measures the built programs beside public tools in the same run. Started by `npm run bench`, which finds the pinned Node.
 * `--quick` shows in under a minute that everything works; `--full` is what the documentation should hold;
 * `--only a,b` runs some of them and writes no documentation.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { append } from "./append.ts";
import { hosts } from "./hosts.ts";
import { idle } from "./idle.ts";
import { large } from "./large.ts";
import { latency } from "./latency.ts";
import { machine, type Machine } from "./machine.ts";
import { peerVersions } from "./peers.ts";
import { change } from "./pipeline-change.ts";
import { pipeline } from "./pipeline.ts";
import type { Bench, Report, Size } from "./report.ts";
import { startup } from "./startup.ts";
import { sweep } from "./sweep.ts";
import { renderReports } from "./table.ts";

const BENCHES: readonly Bench[] = [
  latency,
  sweep,
  large,
  idle,
  append,
  startup,
  pipeline,
  change,
  hosts,
];
const DOCUMENT = fileURLToPath(new URL("../../docs/performance.md", import.meta.url));
const CACHE = fileURLToPath(new URL("../../.cache/", import.meta.url));
const BEGIN = "<!-- bench: begin -->";
const END = "<!-- bench: end -->";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const size: Size = values.quick ? "quick" : values.full ? "full" : "bounded";
const only = values.only?.split(",");
const unknown = only?.filter((id) => !BENCHES.some((bench) => bench.id === id)) ?? [];
if (unknown.length > 0) {
  const known = BENCHES.map((bench) => bench.id).join(", ");
  process.stderr.write(`sigil: error: no bench ${unknown.join(", ")}; there are ${known}\n`);
  process.exit(2);
}

// Before the first bench: the load is to be others', not ours.
const on = machine();
const reports: Report[] = [];
for (const bench of BENCHES) {
  if (only && !only.includes(bench.id)) continue;
  process.stderr.write(`bench: ${bench.id} …\n`);
  const report = await bench.run(size);
  reports.push(report);
  process.stdout.write(`${renderReports([report])}\n\n`);
}
store(on, reports);

function store(where: Machine, results: readonly Report[]): void {
  const peers = peerVersions();
  mkdirSync(CACHE, { recursive: true });
  const name = `${CACHE}bench${size === "quick" ? "-quick" : only ? "-part" : ""}.json`;
  writeFileSync(
    name,
    `${JSON.stringify({ size, machine: where, peers, reports: results }, null, 2)}\n`,
  );
  process.stderr.write(`bench: figures are in ${name}\n`);
  if (size === "quick" || only) return;
  mkdirSync(dirname(DOCUMENT), { recursive: true });
  writeFileSync(DOCUMENT, replaceTable(readFileSync(DOCUMENT, "utf8"), where, peers, results));
  process.stderr.write(`bench: ${DOCUMENT} is up to date\n`);
}

function replaceTable(
  text: string,
  where: Machine,
  peers: Readonly<Record<string, string>>,
  results: readonly Report[],
): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT} has lost its markers ${BEGIN} ${END}`);
  const facts = [
    `- Command: \`npm run bench${size === "full" ? " -- --full" : ""}\`, ${where.date}`,
    `- Machine: ${where.cpu}, ${where.cores} cores, ${where.memory_gib} GiB of memory; load before the run ${where.load}`,
    `- System: ${where.system}, ${where.filesystem}, Node ${where.node}`,
    `- Peers: ${
      Object.entries(peers)
        .map(([peer, version]) => `${peer} ${version}`)
        .join(", ") || "none installed"
    }`,
  ];
  const table = [BEGIN, "", ...facts, "", renderReports(results), "", ""].join("\n");
  return text.slice(0, begin) + table + text.slice(end);
}
