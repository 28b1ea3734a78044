import { printable } from "@sigil/cli";
import type { Control, Executor, Notice, Reason } from "@sigil/risk";

/** Payload values that say little without their name. */
const NAMED = new Set(["how", "mechanism", "detector", "target", "pid"]);

/** A reason's payload for people: `rm -rf · PreToolUse · "rm -rf ~/x"`. */
export function payloadText({ payload }: Pick<Reason, "payload">): string {
  const parts = Object.entries(payload).flatMap(([key, value]) => {
    if (value === null || value === "") return [];
    const text = printable(String(value));
    if (key === "snippet") return [`"${text}"`];
    return [NAMED.has(key) ? `${key} ${text}` : text];
  });
  return parts.join(" · ");
}

/** Another program that acts on the file: `cursor (regex-matcher, no-trust-gate)`. */
export function executorText({ tool, differs }: Executor): string {
  return printable(differs.length === 0 ? tool : `${tool} (${differs.join(", ")})`);
}

export function controlText({ setting, value }: Control): string {
  return printable(value === "" ? setting : `${setting}: ${value}`);
}

export function noticeText({ setting, line, column, message }: Notice): string {
  const place = line === null ? "" : ` (line ${line}${column === null ? "" : `:${column}`})`;
  return printable(`${setting === null ? "" : `${setting}: `}${message}${place}`);
}

/** `7.5`, `10.0`: always with its one decimal. */
export function scoreText(score: number): string {
  return score.toFixed(1);
}
