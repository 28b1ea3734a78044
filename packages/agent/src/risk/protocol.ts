import type { Settings } from "@sigil/core/plain";
import type { Assessment, Band, Platform } from "@sigil/risk";
import type { Allowances, Heavy } from "./sparing.ts";

/** What the assessing thread works on; replaced whole when policy or projects change. */
export interface RiskPlan {
  readonly platform: Platform;
  readonly homes: readonly string[];
  readonly projects: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads as root: then only what root or that home's user owns is read (design §2). */
  readonly privileged: boolean;
  readonly settings: Settings["risk"];
  readonly hasher: "auto" | "wasm";
  readonly weights: Readonly<Record<string, number>>;
  readonly knownHosts: readonly string[];
}

export interface AssessedFile {
  readonly home: string;
  readonly assessment: Assessment;
}

/** A project whose files together are in a band above each of them (rubric §1). */
export interface ProjectTotal {
  readonly tool: string;
  readonly project: string;
  readonly score: number;
  readonly band: Band;
}

export interface RiskResult {
  readonly assessed: readonly AssessedFile[];
  readonly totals: readonly ProjectTotal[];
  /** Every path that decides something: guard files, records, scripts. */
  readonly watched: readonly string[];
}

export type ToRiskWorker =
  | { readonly op: "plan"; readonly plan: RiskPlan }
  /** `only` null: everything. */
  | {
      readonly op: "assess";
      readonly id: number;
      readonly only: readonly string[] | null;
      readonly allowed: Allowances;
    };

export type FromRiskWorker =
  /** Before it is understood: should that end the thread, it is known what was read. */
  | ({ readonly op: "reads" } & Heavy)
  | { readonly op: "assessed"; readonly id: number; readonly result: RiskResult }
  | { readonly op: "failed"; readonly id: number; readonly message: string };
