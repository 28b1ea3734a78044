import type { EvidenceOf } from "@sigil/core/plain";
import { nodeFiles } from "@sigil/host";
import { writeAtomically } from "../atomic.ts";
import type { CertificateFacts } from "./certificate.ts";

const DAY_MS = 86_400_000;
const MAX_BYTES = 4096;

/** Which warnings were given for a certificate. */
export type Warned = { readonly serial: string; readonly days: readonly number[] };

/** What is due: each threshold is told of once for each certificate, and only the nearest of those passed. */
export type Due = { readonly daysLeft: number; readonly warned: Warned };

/** @param thresholds days before the end; @param now milliseconds. @returns null when there is nothing new to tell */
export function dueWarning(
  facts: Pick<CertificateFacts, "notAfter" | "serial">,
  warned: Warned | null,
  thresholds: readonly number[],
  now: number,
): Due | null {
  const left = (facts.notAfter - now) / DAY_MS;
  const passed = thresholds.filter((days) => left <= days);
  const told = warned?.serial === facts.serial ? warned.days : [];
  if (passed.every((days) => told.includes(days))) return null;
  return { daysLeft: Math.floor(left), warned: { serial: facts.serial, days: passed } };
}

/** Warns before the certificate ends; what was told is remembered on disk, so a restart does not repeat it. */
export interface ExpiryWatch {
  check(facts: CertificateFacts): Promise<void>;
}

export type ExpiryOptions = {
  /** Where it is remembered. */
  readonly file: string;
  readonly warnDays: readonly number[];
  readonly now: () => number;
  readonly tell: (evidence: EvidenceOf<"certificate_expiring">) => void;
};

export function createExpiryWatch(options: ExpiryOptions): ExpiryWatch {
  let warned: Warned | null | undefined;
  return {
    async check(facts) {
      warned ??= await remembered(options.file);
      const due = dueWarning(facts, warned, options.warnDays, options.now());
      if (!due) return;
      warned = due.warned;
      options.tell({
        kind: "certificate_expiring",
        not_after: new Date(facts.notAfter).toISOString(),
        days_left: due.daysLeft,
        serial: facts.serial,
      });
      await writeAtomically(options.file, `${JSON.stringify(due.warned)}\n`).catch(() => undefined);
    },
  };
}

async function remembered(file: string): Promise<Warned | null> {
  const outcome = await nodeFiles().read(file, { maxBytes: MAX_BYTES });
  if (outcome.kind !== "read") return null;
  try {
    const value = JSON.parse(outcome.text) as Partial<Warned> | null;
    if (typeof value?.serial !== "string" || !Array.isArray(value.days)) return null;
    return { serial: value.serial, days: value.days.filter((day) => typeof day === "number") };
  } catch {
    return null;
  }
}
