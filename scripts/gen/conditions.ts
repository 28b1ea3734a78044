/** docs/reference/conditions.md: what the agent can hold against its own health. */
import { CONDITIONS } from "@sigil/agent";
import { cell, code, page, table } from "./markdown.ts";

export function conditionsPage(): string {
  const rows = Object.entries(CONDITIONS)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { severity, title }]) => [code(id), code(severity), cell(title)]);
  return page("Conditions", "packages/agent/src/health/status.ts", [
    "A condition is something about a running agent that is not as it should be, for as long as it lasts. The agent's " +
      "status lists the conditions that hold, each with a detail and the time since when.",
    table(["condition", "severity", "meaning"], rows),
  ]);
}
