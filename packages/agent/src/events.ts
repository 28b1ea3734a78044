import { randomUUIDv7 } from "node:crypto";
import {
  encodeEvent,
  healthSeverity,
  isRawKey,
  makeEvent,
  type Evidence,
  type PathKey,
  type SigilEvent,
  type Subject,
} from "@sigil/core/plain";
import { bytesOfKey, displayPath } from "./fs/keys.ts";
import type { Change } from "./pipeline/compare.ts";
import type { Recorder } from "./pipeline/record.ts";
import { VERSION } from "./version.ts";

export type HealthEvidence = Exclude<Evidence, { kind: "file_change" }>;

/** Turns changes and health notes into events and hands them to the recorder. */
export interface EventWriter {
  change(change: Change): void;
  /** @param subject what it is about; Sigil itself unless a path is given */
  health(
    evidence: HealthEvidence,
    at?: { path?: PathKey; targetId?: string | null },
    onDurable?: () => void,
  ): void;
}

export function createEventWriter(
  hostId: string,
  recorder: Recorder,
  now: () => number,
  onRecorded: (event: SigilEvent) => void,
): EventWriter {
  const origin = { hostId, agentVersion: VERSION };
  const stamp = () => ({ eventId: randomUUIDv7(), ts: new Date(now()).toISOString() });

  function push(
    event: SigilEvent,
    writes: Parameters<Recorder["push"]>[0]["writes"],
    onDurable?: () => void,
  ): void {
    recorder.push({
      line: Buffer.from(encodeEvent(event)),
      kind: event.evidence.kind,
      writes,
      onDurable: () => {
        onRecorded(event);
        onDurable?.();
      },
    });
  }

  return {
    change(change) {
      const writes = change.from ? [change.from, change.write] : [change.write];
      if (!change.event) {
        recorder.push({ line: null, kind: null, writes });
        return;
      }
      const { severity, evidence, targetId, dedupKey } = change.event;
      const subject = pathSubject(change.path);
      push(
        makeEvent(origin, {
          ...stamp(),
          severity,
          source: "file_system",
          subject,
          evidence,
          targetId,
          dedupKey,
        }),
        writes,
      );
    },
    health(evidence, at, onDurable) {
      const subject: Subject = at?.path === undefined ? { kind: "self" } : pathSubject(at.path);
      const severity = healthSeverity(evidence);
      const targetId = at?.targetId ?? null;
      push(
        makeEvent(origin, { ...stamp(), severity, source: "agent", subject, evidence, targetId }),
        [],
        onDurable,
      );
    },
  };
}

function pathSubject(path: PathKey): Subject {
  const value = displayPath(path);
  return isRawKey(path)
    ? { kind: "path", value, raw_base64: bytesOfKey(path).toString("base64") }
    : { kind: "path", value };
}
