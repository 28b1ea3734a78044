import type { Assessment } from "@sigil/risk";
import {
  driftOf,
  markNew,
  reasonsKey,
  speak,
  type Acceptance,
  type Speech,
} from "@sigil/risk/speak";
import type { EventWriter, Told } from "../events.ts";
import { keyOf, type AssessmentStore, type StoredAssessment } from "../state/assessments.ts";
import { driftEvidence, goneAssessment, riskEvidence } from "./evidence.ts";
import type { AssessedFile, ProjectTotal, RiskResult } from "./protocol.ts";

export interface TellingPorts {
  readonly store: AssessmentStore;
  readonly writer: Pick<EventWriter, "risk" | "drift">;
  readonly accepted: readonly Acceptance[];
  readonly rubricVersion: string;
  readonly reattestMs: number;
  readonly rememberMs: number;
  now(): number;
  targetOf(path: string): string | null;
}

/** An assessment with what was told of the file before, and whether it is to be told. */
export interface Looked {
  readonly home: string;
  readonly assessment: Assessment;
  readonly stored: StoredAssessment | null;
  readonly previous: Assessment | null;
  readonly at: number;
  readonly speech: Speech | null;
}

/** Says other than what was said before, or not long ago. */
export function isNews(speech: Speech | null): boolean {
  return speech !== null && !speech.reattestation && !speech.returned;
}

/** Length of `2026-11-21`. */
const DATE = 10;

/** Tells of assessments, against what was told of the same file before (rubric §4). */
export class Telling {
  readonly #ports: TellingPorts;
  readonly #latest: Map<string, StoredAssessment>;

  constructor(ports: TellingPorts) {
    this.#ports = ports;
    this.#latest = ports.store.latest;
  }

  look({ home, assessment: fresh }: AssessedFile): Looked {
    const stored = this.#latest.get(keyOf(fresh)) ?? null;
    const previous = stored?.assessment ?? null;
    const assessment = { ...fresh, reasons: markNew(fresh.reasons, previous) };
    const at = this.#ports.now();
    return { home, assessment, stored, previous, at, speech: this.#speech(assessment, stored, at) };
  }

  tell(looked: Looked, totals: readonly ProjectTotal[]): void {
    const { home, assessment, stored, previous, at, speech } = looked;
    if (!speech) return;
    const { store } = this.#ports;
    const { tool, path, closureHash } = assessment;
    const generation = (stored?.generation ?? 0) + 1;
    const next: StoredAssessment = { assessment, home, generation, at };
    this.#latest.set(keyOf(assessment), next);
    this.#drift(previous, assessment, generation);
    const evidence = riskEvidence(assessment, {
      rubricVersion: this.#ports.rubricVersion,
      previousScore: previous?.score ?? null,
      speech,
      projectTotal: totalOf(assessment, totals),
    });
    const told = this.#told(previous, assessment, generation);
    this.#ports.writer.risk(evidence, speech.severity, told, () => {
      store.put(next);
      store.remember(tool, path, { closureHash, reasonsKey: reasonsKey(assessment), at });
    });
  }

  /** Guard files that were assessed before and are not there any more. */
  tellGone(result: RiskResult, only: readonly string[] | null): void {
    const there = new Set(result.assessed.map((file) => keyOf(file.assessment)));
    const looked = only === null ? null : new Set(only);
    for (const [key, stored] of this.#latest) {
      const { assessment } = stored;
      if (there.has(key) || assessment.scope === "session") continue;
      if (looked && !looked.has(assessment.path) && !looked.has(assessment.realPath)) continue;
      this.#gone(key, stored);
    }
  }

  #gone(key: string, stored: StoredAssessment): void {
    const { store, rubricVersion, writer } = this.#ports;
    const { assessment: previous } = stored;
    const generation = stored.generation + 1;
    const assessment = goneAssessment(previous);
    this.#latest.delete(key);
    this.#drift(previous, assessment, generation);
    const speech = {
      severity: "info",
      reattestation: false,
      returned: false,
      accepted: null,
    } as const;
    const facts = { rubricVersion, previousScore: previous.score, speech, projectTotal: null };
    const told = this.#told(previous, assessment, generation);
    writer.risk(riskEvidence(assessment, facts), "info", told, () =>
      store.remove(previous.tool, previous.path),
    );
  }

  #told(previous: Assessment | null, assessment: Assessment, generation: number): Told {
    const targetId = this.#ports.targetOf(assessment.path);
    return { assessment, previous, generation, targetId };
  }

  #speech(assessment: Assessment, previous: StoredAssessment | null, at: number) {
    const { store, accepted, reattestMs, rememberMs } = this.#ports;
    return speak(assessment, {
      previous,
      past: previous ? store.past(assessment.tool, assessment.path, at - rememberMs) : [],
      accepted,
      now: at,
      today: new Date(at).toISOString().slice(0, DATE),
      reattestMs,
      rememberMs,
    });
  }

  #drift(previous: Assessment | null, assessment: Assessment, generation: number): void {
    if (!previous) return;
    for (const drift of driftOf(previous, assessment)) {
      const evidence = driftEvidence(assessment, drift);
      const told = this.#told(previous, assessment, generation);
      this.#ports.writer.drift(evidence, drift.severity, told);
    }
  }
}

const BANDS = ["low", "medium", "high", "critical"];

function totalOf(
  assessment: Assessment,
  totals: readonly ProjectTotal[],
): { score: number; band: ProjectTotal["band"] } | null {
  const total = totals.find(
    (one) => one.tool === assessment.tool && one.project === assessment.project,
  );
  if (!total || BANDS.indexOf(total.band) <= BANDS.indexOf(assessment.band)) return null;
  return { score: total.score, band: total.band };
}
