import { RUBRIC } from "@sigil/baseline/rubric";
import { toDigest } from "@sigil/core/plain";
import { programName, type HostProcess } from "@sigil/host";
import type { Assessment } from "@sigil/risk";
import { BAND_SEVERITY } from "@sigil/risk/speak";
import type { EventWriter } from "../events.ts";
import type { Hasher } from "@sigil/ports/hash";
import { keyOf, type AssessmentStore } from "../state/assessments.ts";
import { riskEvidence } from "./evidence.ts";

export interface SessionsPorts {
  list(): Promise<readonly HostProcess[]>;
  /** The operator's weights, by key of the rubric. */
  readonly weights: Readonly<Record<string, number>>;
  readonly hasher: Pick<Hasher, "digest">;
  readonly store: AssessmentStore;
  readonly writer: Pick<EventWriter, "risk">;
  readonly rubricVersion: string;
  readonly home: string;
  now(): number;
}

/** Running agents and the flags they were started with (rubric §3, session scope). Each is told once. */
export class Sessions {
  readonly #ports: SessionsPorts;

  constructor(ports: SessionsPorts) {
    this.#ports = ports;
  }

  async look(): Promise<void> {
    const candidates = (await this.#ports.list()).filter(mayBeAgent);
    const assess = candidates.length === 0 ? null : await this.#assessor();
    const there = new Set<string>();
    for (const process of candidates) {
      const assessment = assess?.(process) ?? null;
      if (!assessment) continue;
      there.add(keyOf(assessment));
      this.#tell(process, assessment);
    }
    this.#forget(there);
  }

  /** Loaded with the first agent that runs: it knows every command there is. */
  async #assessor(): Promise<(process: HostProcess) => Assessment | null> {
    const { assessSession } = await import("@sigil/risk/session");
    const { withWeights } = await import("@sigil/risk/rubric");
    const rubric = withWeights(RUBRIC, this.#ports.weights);
    const hash = (parts: readonly string[]) =>
      toDigest(this.#ports.hasher.digest(Buffer.from(parts.map((part) => `${part}\0`).join(""))));
    return (process) => {
      const found = assessSession(process, { rubric, world: { hash } });
      return found && { ...found, path: pathOf(process), realPath: pathOf(process) };
    };
  }

  #tell(process: HostProcess, assessment: Assessment): void {
    const { store, writer, rubricVersion, home } = this.#ports;
    if (store.latest.has(keyOf(assessment))) return;
    const stored = { assessment, home, generation: 1, at: this.#ports.now() };
    store.latest.set(keyOf(assessment), stored);
    const severity = BAND_SEVERITY[assessment.band];
    const speech = { severity, reattestation: false, returned: false, accepted: null };
    const facts = { rubricVersion, previousScore: null, speech, projectTotal: null };
    const name = programName(process.argv[0] ?? "");
    writer.risk(
      riskEvidence(assessment, facts),
      severity,
      {
        assessment,
        previous: null,
        generation: 1,
        targetId: null,
        process: { pid: process.pid, name },
      },
      () => store.put(stored),
    );
  }

  /** A session that ended is no loss of a guard: nothing is told. */
  #forget(there: ReadonlySet<string>): void {
    const { store } = this.#ports;
    for (const [key, { assessment }] of store.latest) {
      if (assessment.scope !== "session" || there.has(key)) continue;
      store.latest.delete(key);
      store.remove(assessment.tool, assessment.path);
    }
  }
}

/** A first look by name; what the words say is judged later. */
function mayBeAgent({ argv }: HostProcess): boolean {
  return argv.slice(0, 3).some((word) => /claude|codex|gemini|cursor/i.test(word));
}

/** Names one process for ever: pids are used again. */
function pathOf(process: HostProcess): string {
  return `process:${process.pid}:${process.startedAt}`;
}
