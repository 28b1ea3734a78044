import { isMet, ratioOf, type Aim, type Figure, type Report, type Unit } from "./report.ts";

const HEAD = [
  "| measured | figure | beside, in the same run | ratio | aim | |",
  "| --- | ---: | --- | ---: | --- | --- |",
];

/** Units of things there are no halves of. */
const WHOLE: ReadonlySet<Unit> = new Set(["events/s", "hosts"]);

/** One section a bench: its table, then its notes. */
export function renderReports(reports: readonly Report[]): string {
  return reports.map(renderReport).join("\n\n");
}

function renderReport(report: Report): string {
  const rows = report.figures.map(renderRow);
  const notes = report.notes.map((note) => `- ${note}`);
  return [`### ${report.title}`, "", ...HEAD, ...rows, ...(notes.length > 0 ? ["", ...notes] : [])]
    .join("\n")
    .trimEnd();
}

function renderRow(figure: Figure): string {
  const { peer, aim } = figure;
  const ratio = ratioOf(figure);
  return `| ${[
    figure.what,
    renderValue(figure.value, figure.unit),
    peer ? `${peer.what}: ${renderValue(peer.value, figure.unit)}` : "",
    ratio === null ? "" : ratio.toFixed(2),
    aim ? renderAim(aim, figure.unit) : "",
    verdict(figure),
  ].join(" | ")} |`;
}

function verdict(figure: Figure): string {
  if (!figure.aim) return "";
  const met = isMet(figure);
  if (met === null) return "not measured";
  return met ? "met" : "**missed**";
}

function renderAim(aim: Aim, unit: Unit): string {
  const sign = aim.is === "at_most" ? "≤" : "≥";
  if (aim.of === "ratio") return `${sign} ${aim.limit} × the peer`;
  return `${sign} ${aim.limit.toLocaleString("en-US")} ${unit}`;
}

function renderValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return "–";
  const digits = value >= 1000 || WHOLE.has(unit) ? 0 : value >= 100 ? 1 : 2;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${value.toLocaleString("en-US", options)} ${unit}`;
}
