import type { Assessment, Band } from "../model/assessment.ts";
import { changedClosures, hasWeightyNews, isNews, reasonsKey } from "./changes.ts";

export type Loudness = "info" | "warn" | "high" | "critical";

/** Severity of a band (rubric §4). */
export const BAND_SEVERITY: Readonly<Record<Band, Loudness>> = {
  low: "info",
  medium: "warn",
  high: "high",
  critical: "critical",
};

const BANDS: readonly Band[] = ["low", "medium", "high", "critical"];

/** An assessment told of before, and when. Wall-clock milliseconds. */
export interface Told {
  readonly assessment: Assessment;
  readonly at: number;
}

/** What a file was assessed as at some time: enough to know it again after a branch switch. */
export interface Past {
  readonly closureHash: string;
  readonly reasonsKey: string;
  readonly at: number;
}

/** An operator's acceptance (policy `accepted`). `until` is a date, its last day included. */
export interface Acceptance {
  readonly path: string;
  readonly closure_hash: string;
  readonly kinds: readonly string[];
  readonly until: string;
  readonly why: string;
}

export interface SpeakContext {
  readonly previous: Told | null;
  readonly past: readonly Past[];
  readonly accepted: readonly Acceptance[];
  readonly now: number;
  /** Today, `2026-11-21`. */
  readonly today: string;
  readonly reattestMs: number;
  readonly rememberMs: number;
}

/** Whether and how loudly an assessment is told. */
export interface Speech {
  readonly severity: Loudness;
  readonly reattestation: boolean;
  /** The file is back at what it was within the time remembered: a branch switch. */
  readonly returned: boolean;
  readonly accepted: { readonly until: string; readonly why: string } | null;
}

/** Rubric §4. @returns null when there is nothing to tell */
export function speak(current: Assessment, context: SpeakContext): Speech | null {
  const before = context.previous?.assessment ?? null;
  if (!isNews(current, before)) {
    const due = context.previous !== null && isDue(context.previous.at, context);
    return due ? { ...QUIET, reattestation: true, accepted: acceptance(current, context) } : null;
  }
  const accepted = acceptance(current, context);
  if (accepted) return { ...QUIET, accepted };
  if (before !== null && isReturn(current, before, context)) return { ...QUIET, returned: true };
  return { ...QUIET, severity: loudness(current, before) };
}

/** Told long enough ago to be told again, or at a time that has not come: a clock set back must not silence it for years. */
export function isDue(
  at: number,
  { now, reattestMs }: Pick<SpeakContext, "now" | "reattestMs">,
): boolean {
  return at > now || now - at >= reattestMs;
}

const QUIET: Speech = { severity: "info", reattestation: false, returned: false, accepted: null };

function loudness(current: Assessment, before: Assessment | null): Loudness {
  if (before === null) return BAND_SEVERITY[current.band];
  const patched = changedClosures(current, before);
  const guardPatched = patched.some((entry) => entry.kind === "guard");
  const rose = BANDS.indexOf(current.band) > BANDS.indexOf(before.band);
  const severity =
    rose || hasWeightyNews(current, before) ? BAND_SEVERITY[current.band] : ("info" as const);
  const foreign = current.scope === "project" || current.scope === "plugin";
  return severity === "info" && (guardPatched || (foreign && patched.length > 0))
    ? "warn"
    : severity;
}

/** A branch switch comes back to what was there: quiet, but never in the upper bands nor for a guard's closure. */
function isReturn(current: Assessment, before: Assessment, context: SpeakContext): boolean {
  if (current.band === "high" || current.band === "critical") return false;
  if (changedClosures(current, before).some((entry) => entry.kind === "guard")) return false;
  const key = reasonsKey(current);
  return context.past.some(
    (past) =>
      past.closureHash === current.closureHash &&
      past.reasonsKey === key &&
      Math.abs(context.now - past.at) <= context.rememberMs,
  );
}

function acceptance(current: Assessment, context: SpeakContext): Speech["accepted"] {
  const found = context.accepted.find(
    (one) =>
      one.path === current.path &&
      one.closure_hash === current.closureHash &&
      one.until >= context.today &&
      current.reasons.every((reason) => one.kinds.includes(reason.kind)),
  );
  return found ? { until: found.until, why: found.why } : null;
}
