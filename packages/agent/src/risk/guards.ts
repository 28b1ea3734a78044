import { isDue } from "@sigil/risk/speak";
import type { StoredAssessment } from "../state/assessments.ts";
import type { Ahead } from "./ahead.ts";
import { holdUp, judge, type Contents, type GuardHold, type Waiting } from "./hold.ts";
import { mayGuard } from "./names.ts";
import type { RiskResult } from "./protocol.ts";
import { createRetry, together } from "./retry.ts";
import { Telling, type TellingPorts } from "./telling.ts";

export interface GuardsPorts extends TellingPorts {
  assess(only: readonly string[] | null): Promise<RiskResult>;
  /** Outlives a policy: the change may come under the next one. */
  readonly ahead: Ahead;
  readonly holdMs: number;
  /** The scripts that hooks reach are others than before. */
  onScripts(): void;
  /** Something could not be assessed: it is tried again. */
  onFailure(error: unknown): void;
  /** All that had failed is assessed. */
  onMended(): void;
}

/**
 * The assess stage: a change of a guard file waits, for a bounded time, until its file has been assessed again; then
 * the assessment goes out beside it (design §2, rubric §4).
 */
export class Guards {
  readonly #ports: GuardsPorts;
  readonly #telling: Telling;
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
    this.#telling = new Telling(ports);
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
  changed(path: string, contents: Contents): GuardHold | null {
    if (this.#closed || !(this.#isWatched(path) || mayGuard(path))) return null;
    const { waiting, hold } = holdUp(path, contents, this.#ports.holdMs);
    this.#waiting.push(waiting);
    this.#next?.add(path);
    this.#go();
    return hold;
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
    const looked = result.assessed.map((file) => this.#telling.look(file));
    for (const one of waiting) one.told = this.#ports.ahead.claim(one);
    judge(looked, waiting);
    this.#ports.ahead.note(looked, waiting, only === null);
    // Pushed while the change is still held: it is told first, its assessment right after it.
    for (const one of looked) this.#telling.tell(one, result.totals);
    this.#telling.tellGone(result, only);
    this.#remember(result, only);
  }

  #remember(result: RiskResult, only: readonly string[] | null): void {
    if (only === null) {
      this.#watched = new Set(result.watched);
      this.#ports.ahead.keep(this.#watched);
    } else for (const path of result.watched) this.#watched.add(path);
    const said = this.scripts.join("\0");
    if (said === this.#scripts) return;
    this.#scripts = said;
    this.#ports.onScripts();
  }
}
