import { messageOf, SigilError } from "@sigil/core/plain";
import type { Check, CheckResult, CheckStatus, Finding } from "./check.ts";

/** What a check that throws comes to; null: an error with the exception's words. */
export type OnThrow = (id: string, error: unknown) => Promise<Finding | null> | Finding | null;

/** Runs checks side by side. Never throws: a check that does is an error result. */
export async function examine<Facts>(
  facts: Facts,
  checks: readonly Check<Facts>[],
  hint: (error: unknown) => string | undefined,
  onThrow: OnThrow = () => null,
): Promise<CheckResult[]> {
  const runOne = async (check: Check<Facts>): Promise<CheckResult[]> => {
    const { id, title } = check;
    try {
      const found = await check.run(facts);
      const findings: readonly Finding[] = Array.isArray(found) ? found : [found as Finding];
      return findings.map((one) => ({ id, title, ...one }));
    } catch (error) {
      return [{ id, title, ...((await onThrow(id, error)) ?? ofError(error, hint(error))) }];
    }
  };
  return (await Promise.all(checks.map(runOne))).flat();
}

function ofError(error: unknown, hint: string | undefined): Finding {
  const code = error instanceof SigilError ? ` [${error.code}]` : "";
  const detail = `${messageOf(error)}${code}`;
  return { status: "error", detail, ...(hint === undefined ? {} : { hint }) };
}

const ORDER: readonly CheckStatus[] = ["ok", "info", "warning", "error"];

/** The worst of all; information is fine. */
export function verdictOf(results: readonly CheckResult[]): "ok" | "warning" | "error" {
  const worst = Math.max(0, ...results.map((result) => ORDER.indexOf(result.status)));
  return worst <= 1 ? "ok" : worst === 2 ? "warning" : "error";
}

/** Exit codes of a `doctor` (design §5), by its verdict. */
export const DOCTOR_CODES = { ok: 0, warning: 1, error: 2 } as const;
