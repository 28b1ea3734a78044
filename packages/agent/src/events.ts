import { randomUUIDv7 } from "node:crypto";
import {
  dedupKey,
  encodeEvent,
  healthSeverity,
  isRawKey,
  makeEvent,
  type Evidence,
  type EventParts,
  type GuardDrift,
  type HealthEvidence,
  type PathKey,
  type RiskAssessed,
  type Severity,
  type SigilEvent,
  type Subject,
} from "@sigil/core/plain";
import type { Assessment } from "@sigil/risk";
import { bytesOfKey, displayPath } from "./fs/keys.ts";
import type { Hasher } from "@sigil/ports/hash";
import type { Change } from "./pipeline/compare.ts";
import type { Entry, Recorder } from "./pipeline/record.ts";
import { fitted } from "./risk/fitted.ts";
import type { GuardHold } from "./risk/hold.ts";
import { VERSION } from "./version.ts";

/** An assessment that is told, with what a repeat after a crash has in common with it. */
export interface Told {
  readonly assessment: Assessment;
  readonly previous: Assessment | null;
  /** Counts what was told of this file. */
  readonly generation: number;
  readonly targetId: string | null;
  /** The running program, for the session scope. */
  readonly process?: { readonly pid: number; readonly name: string };
}

/** Turns changes, assessments and health notes into events and hands them to the recorder. */
export interface EventWriter {
  /** @param hold of a guard file: written when it is over, with the severity it says then */
  change(change: Change, hold?: GuardHold | null): void;
  risk(evidence: RiskAssessed, severity: Severity, told: Told, onDurable?: () => void): void;
  drift(evidence: GuardDrift, severity: Severity, told: Told): void;
  /** @param subject what it is about; Sigil itself unless a path is given */
  health(
    evidence: HealthEvidence,
    at?: { path?: PathKey; targetId?: string | null },
    onDurable?: () => void,
  ): void;
}

export interface WriterOptions {
  readonly hostId: string;
  /** Random id made with the state database. */
  readonly epoch: string;
  readonly hasher: Pick<Hasher, "digest">;
  readonly recorder: Recorder;
  /** An assessment told is at most about so long. */
  readonly evidenceMaxBytes: number;
  readonly now: () => number;
  readonly onRecorded: (event: SigilEvent) => void;
}

export function createEventWriter(options: WriterOptions): EventWriter {
  const { recorder, now, onRecorded } = options;
  const origin = { hostId: options.hostId, agentVersion: VERSION };
  type Parts = Omit<EventParts, "eventId" | "ts">;
  type Rest = Pick<Entry, "writes" | "onDurable"> & { readonly about: PathKey | null };

  function make(parts: Parts): SigilEvent {
    return makeEvent(origin, {
      eventId: randomUUIDv7(),
      ts: new Date(now()).toISOString(),
      ...parts,
    });
  }

  function push(event: SigilEvent, rest: Rest, hold?: GuardHold): void {
    let written = event;
    // What is held is written with the severity its assessment gave it meanwhile.
    const settled = () => {
      if (hold) written = { ...event, severity: hold.severity(event.severity) };
      return Buffer.from(encodeEvent(written));
    };
    recorder.push({
      line: hold ? settled : settled(),
      kind: event.evidence.kind,
      about: rest.about,
      writes: rest.writes,
      onDurable: () => {
        onRecorded(written);
        rest.onDurable?.();
      },
      ...(hold ? { hold } : {}),
    });
  }

  function tell(evidence: RiskAssessed | GuardDrift, severity: Severity, told: Told): SigilEvent {
    const { targetId, process } = told;
    return make({
      severity,
      source: process ? "process" : "file_system",
      subject: process ? { kind: "process", ...process } : pathSubject(told.assessment.path),
      evidence,
      targetId,
      dedupKey: riskKey(evidence, told, options),
    });
  }

  return {
    change(change, hold) {
      const writes = change.from ? [change.from, change.write] : [change.write];
      if (!change.event) {
        recorder.push({ line: null, kind: null, writes });
        return;
      }
      const subject = pathSubject(change.path);
      const event = make({ ...change.event, source: "file_system", subject });
      push(event, { writes, about: change.path }, hold ?? undefined);
    },
    risk(evidence, severity, told, onDurable) {
      const rest = { writes: [], about: told.assessment.path, ...(onDurable ? { onDurable } : {}) };
      push(tell(fitted(evidence, options.evidenceMaxBytes), severity, told), rest);
    },
    drift(evidence, severity, told) {
      push(tell(evidence, severity, told), { writes: [], about: told.assessment.path });
    },
    health(evidence, at, onDurable) {
      const subject: Subject = at?.path === undefined ? { kind: "self" } : pathSubject(at.path);
      const severity = healthSeverity(evidence);
      const targetId = at?.targetId ?? null;
      const event = make({ severity, source: "agent", subject, evidence, targetId });
      push(event, { writes: [], about: at?.path ?? null, ...(onDurable ? { onDurable } : {}) });
    },
  };
}

/** A crash between spool and state tells an assessment again: then with the same key (design §3). */
function riskKey(
  evidence: Extract<Evidence, RiskAssessed | GuardDrift>,
  told: Told,
  options: Pick<WriterOptions, "epoch" | "hasher">,
): string {
  const { assessment, previous, generation, targetId } = told;
  const what =
    evidence.kind === "ai_guard_drift" ? `${evidence.toggle}:${evidence.label}` : evidence.score;
  return dedupKey(
    {
      epoch: options.epoch,
      targetId: targetId ?? "",
      pathBytes: bytesOfKey(assessment.path),
      generation,
      change: {
        change_kind: `${evidence.kind}:${assessment.tool}`,
        before_hash: previous?.closureHash ?? null,
        after_hash: assessment.closureHash,
        mode_after: String(what),
      },
    },
    (text) => Buffer.from(text),
    options.hasher,
  );
}

function pathSubject(path: PathKey): Subject {
  const value = displayPath(path);
  return isRawKey(path)
    ? { kind: "path", value, raw_base64: bytesOfKey(path).toString("base64") }
    : { kind: "path", value };
}
