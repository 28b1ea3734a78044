import type { Severity } from "@sigil/core/plain";
import type { Assessment } from "@sigil/risk";
import {
  driftOf,
  isDue,
  markNew,
  reasonsKey,
  speak,
  type Acceptance,
  type Speech,
} from "@sigil/risk/speak";
import type { EventWriter, Told } from "../events.ts";
import type { Hold } from "../pipeline/record.ts";
import { keyOf, type AssessmentStore, type StoredAssessment } from "../state/assessments.ts";
import { driftEvidence, goneAssessment, riskEvidence } from "./evidence.ts";
import { mayGuard } from "./names.ts";
import type { AssessedFile, ProjectTotal, RiskResult } from "./protocol.ts";
import { createRetry, together } from "./retry.ts";

export interface GuardsPorts {
  assess(only: readonly string[] | null): Promise<RiskResult>;
  readonly store: AssessmentStore;
  readonly writer: Pick<EventWriter, "risk" | "drift">;
  readonly accepted: readonly Acceptance[];
  readonly rubricVersion: string;
  readonly holdMs: number;
  readonly reattestMs: number;
  readonly rememberMs: number;
  now(): number;
  targetOf(path: string): string | null;
  /** The scripts that hooks reach are others than before. */
  onScripts(): void;
  /** Something could not be assessed: it is tried again. */
  onFailure(error: unknown): void;
  /** All that had failed is assessed. */
  onMended(): void;
}

/** A change of a guard file on its way: what its assessment says decides how loud it is. */
export interface GuardHold extends Hold {
  severity(declared: Severity): Severity;
}

interface Waiting {
  readonly path: string;
  quiet: boolean;
  over: boolean;
  readonly end: () => void;
}

/** An assessment with what was told of the file before, and whether it is to be told. */
interface Looked {
  readonly home: string;
  readonly assessment: Assessment;
  readonly stored: StoredAssessment | null;
  readonly previous: Assessment | null;
  readonly at: number;
  readonly speech: Speech | null;
}

/** Length of `2026-11-21`. */
const DATE = 10;

/**
 * The assess stage: a change of a guard file waits, for a bounded time, until its file has been assessed again; then
 * the assessment goes out beside it (design §2, rubric §4).
 */
export class Guards {
  readonly #ports: GuardsPorts;
  readonly #latest: Map<string, StoredAssessment>;
  #watched = new Set<string>();
  #scripts: string;
  #waiting: Waiting[] = [];
  /** Paths to assess with the next run; null: everything. */
  #next: Set<string> | null = new Set();
  readonly #retry = createRetry((paths) => {
    this.#next = together(paths, this.#next);
    this.#go();
  });
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(ports: GuardsPorts) {
    this.#ports = ports;
    this.#latest = ports.store.latest;
    this.#scripts = this.scripts.join("\0");
  }

  /** What hooks reach, as far as it is known: watched from the start. */
  get scripts(): readonly string[] {
    const all = [...this.#latest.values()].flatMap((stored) => stored.assessment.scripts);
    return [...new Set(all)].sort();
  }

  /** Assesses everything: at the start, and when policy or projects changed. */
  everything(): void {
    this.#next = null;
    this.#go();
  }

  /** Tells again what has not been told for a day (rubric §4). */
  reattest(): void {
    const context = { now: this.#ports.now(), reattestMs: this.#ports.reattestMs };
    if ([...this.#latest.values()].some(({ at }) => isDue(at, context))) this.everything();
  }

  /** Takes notice of a change. @returns null when the path guards nothing */
  changed(path: string): GuardHold | null {
    if (this.#closed || !(this.#isWatched(path) || mayGuard(path))) return null;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting: Waiting = {
      path,
      quiet: false,
      over: false,
      end: () => {
        waiting.over = true;
        resolve();
      },
    };
    setTimeout(() => waiting.end(), this.#ports.holdMs).unref();
    this.#waiting.push(waiting);
    this.#next?.add(path);
    this.#go();
    return {
      get over() {
        return waiting.over;
      },
      until: promise,
      severity: (declared) => (waiting.quiet ? "info" : declared),
    };
  }

  /** A folder of which everything is run ends with a slash. */
  #isWatched(path: string): boolean {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    return this.#watched.has(path) || this.#watched.has(folder);
  }

  /** Resolves when nothing is being assessed. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  close(): void {
    this.#closed = true;
    this.#retry.close();
    for (const waiting of this.#waiting) waiting.end();
  }

  #go(): void {
    if (!this.#closed) this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // What comes in the same turn belongs to the same run.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.#closed && (this.#next === null || this.#next.size > 0)) {
      const only = this.#next === null ? null : [...this.#next];
      const waiting = this.#waiting;
      this.#next = new Set();
      this.#waiting = [];
      try {
        this.#take(await this.#ports.assess(only), only, waiting);
        if (this.#retry.worked()) this.#ports.onMended();
      } catch (error) {
        if (!this.#closed) this.#fail(only, error);
      }
      for (const one of waiting) one.end();
    }
    this.#running = null;
  }

  #fail(only: readonly string[] | null, error: unknown): void {
    this.#ports.onFailure(error);
    this.#retry.add(only);
  }

  #take(result: RiskResult, only: readonly string[] | null, waiting: readonly Waiting[]): void {
    if (this.#closed) return;
    const looked = result.assessed.map((file) => this.#look(file));
    judge(looked, waiting);
    // Pushed while the change is still held: it is told first, its assessment right after it.
    for (const one of looked) this.#tell(one, result.totals);
    this.#tellGone(result, only);
    this.#remember(result, only);
  }

  #look({ home, assessment: fresh }: AssessedFile): Looked {
    const stored = this.#latest.get(keyOf(fresh)) ?? null;
    const previous = stored?.assessment ?? null;
    const assessment = { ...fresh, reasons: markNew(fresh.reasons, previous) };
    const at = this.#ports.now();
    return { home, assessment, stored, previous, at, speech: this.#speech(assessment, stored, at) };
  }

  #tell(looked: Looked, totals: readonly ProjectTotal[]): void {
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

  /** Guard files that were assessed before and are not there any more. */
  #tellGone(result: RiskResult, only: readonly string[] | null): void {
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

  #remember(result: RiskResult, only: readonly string[] | null): void {
    if (only === null) this.#watched = new Set(result.watched);
    else for (const path of result.watched) this.#watched.add(path);
    const said = this.scripts.join("\0");
    if (said === this.#scripts) return;
    this.#scripts = said;
    this.#ports.onScripts();
  }
}

function pathsOf(assessment: Assessment): string[] {
  return [assessment.path, assessment.realPath, ...assessment.scripts];
}

/** A change is quiet when every file it belongs to says what it said before, or what it said not long ago. */
function judge(looked: readonly Looked[], waiting: readonly Waiting[]): void {
  const loud = new Set<string>();
  const quiet = new Set<string>();
  for (const { assessment, previous, speech } of looked) {
    const same = speech === null || speech.reattestation || speech.returned;
    const heard = same ? quiet : loud;
    for (const path of pathsOf(assessment)) heard.add(path);
    if (previous) for (const path of pathsOf(previous)) heard.add(path);
  }
  for (const one of waiting) one.quiet = quiet.has(one.path) && !loud.has(one.path);
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
