import type { CheckResult, CheckStatus } from "./check.ts";
import { printable } from "./print.ts";
import { countText } from "./units.ts";

const COLORS: Readonly<Record<CheckStatus, string>> = {
  ok: "\u001b[32m",
  info: "\u001b[2m",
  warning: "\u001b[33m",
  error: "\u001b[1;31m",
};
const RESET = "\u001b[0m";

/** One line a result, its hint below, and a summary. */
export function renderChecks(results: readonly CheckResult[], color: boolean): string[] {
  const width = Math.max(0, ...results.map((result) => result.title.length));
  const lines = results.flatMap(({ status, title, detail, hint }) => {
    const mark = color ? COLORS[status] + status.padEnd(7) + RESET : status.padEnd(7);
    const head = `${mark}  ${title.padEnd(width)}  `;
    const below = " ".repeat(7 + 2 + width + 2);
    const line = head + printable(detail);
    return hint === undefined ? [line] : [line, `${below}hint: ${printable(hint)}`];
  });
  return [...lines, "", summaryOf(results)];
}

function summaryOf(results: readonly CheckResult[]): string {
  const count = (status: CheckStatus) => results.filter((one) => one.status === status).length;
  const errors = countText(count("error"), "error");
  const warnings = countText(count("warning"), "warning");
  return `${count("ok")} ok, ${count("info")} for information, ${warnings}, ${errors}`;
}
