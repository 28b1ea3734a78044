/** docs/reference/conditions.md: what agent and sender can hold against their own health. */
import { CONDITIONS as AGENT } from "@sigil/agent";
import { CONDITIONS as SENDER } from "@sigil/sender";
import { cell, code, page, table } from "./markdown.ts";

type Conditions = Readonly<Record<string, { readonly severity: string; readonly title: string }>>;

export function conditionsPage(): string {
  return page(
    "Conditions",
    "packages/agent/src/health/status.ts and packages/sender/src/conditions.ts",
    [
      "A condition is something about a running program that is not as it should be, for as long as it lasts. The status of " +
        "agent (`sigil show stats`) and sender (`sigil-sender status`) lists those that hold, each with a detail and the time " +
        "since when.",
      `## The agent\n\n${rows(AGENT)}`,
      `## The sender\n\n${rows(SENDER)}`,
    ],
  );
}

function rows(conditions: Conditions): string {
  const sorted = Object.entries(conditions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return table(
    ["condition", "severity", "meaning"],
    sorted.map(([id, { severity, title }]) => [code(id), code(severity), cell(title)]),
  );
}
