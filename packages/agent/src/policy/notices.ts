import { messageOf, SigilError, type HealthEvidence } from "@sigil/core/plain";
import type { Log } from "@sigil/cli/log";
import type { OpenedPolicy } from "@sigil/signer/verify";
import type { Conditions } from "../health/status.ts";
import type { Problem } from "./signed/open.ts";

export interface NoticePorts {
  readonly conditions: Pick<Conditions, "raise" | "clear">;
  readonly log: Pick<Log, "warn" | "error">;
  readonly tell: (evidence: HealthEvidence, onDurable?: () => void) => void;
  /** A value that outlives the process. */
  readonly notes: { get(key: string): string | null; set(key: string, value: string): void };
}

/** What is said of the layers that are not in force, or not as they should be. */
export interface Notices {
  /** The local file is not valid, or cannot be laid over the signed policy. */
  localRejected(error: unknown): void;
  localInForce(): void;
  /** What came signed was refused. */
  refused(problem: Problem): void;
  /** Signed policy that was in force cannot be opened any more; null: it is. */
  unusable(problem: Problem | null): void;
  /** Signed policy in force has expired; null: none has. Told once a version, also over restarts; the condition lasts. */
  expired(opened: Pick<OpenedPolicy, "version" | "expires" | "digest"> | null): void;
}

const EXPIRY_TOLD = "policy_expired_told";

export function createNotices({ conditions, log, tell, notes }: NoticePorts): Notices {
  let expiryTold = notes.get(EXPIRY_TOLD);
  return {
    localRejected(error) {
      const reason = error instanceof SigilError ? error.code : "unknown";
      const detail = messageOf(error);
      log.error({ code: reason }, `the policy is not valid: ${detail}`);
      conditions.raise("policy-rejected", detail);
      tell({ kind: "policy_rejected", reason, detail });
    },
    localInForce: () => conditions.clear("policy-rejected"),
    refused({ reason, detail }) {
      log.warn({ reason }, `a signed policy was refused: ${detail}`);
      tell({ kind: "policy_rejected", reason, detail });
    },
    unusable(problem) {
      if (!problem) return conditions.clear("signed-policy-unusable");
      const { reason, detail } = problem;
      log.error({ reason }, `the signed policy is not in force any more: ${detail}`);
      conditions.raise("signed-policy-unusable", `${reason}: ${detail}`);
      tell({ kind: "policy_rejected", reason, detail });
    },
    expired(opened) {
      if (!opened) return conditions.clear("signed-policy-expired");
      const { version, expires, digest } = opened;
      conditions.raise("signed-policy-expired", `version ${version}, since ${expires}`);
      const name = `${version}:${digest}`;
      if (expiryTold === name) return;
      expiryTold = name;
      tell({ kind: "policy_expired", version, expired: expires }, () =>
        notes.set(EXPIRY_TOLD, name),
      );
    },
  };
}
