import type { PathKey, Root, Settings, Snapshot } from "@sigil/core/plain";
import type { Observation } from "../pipeline/observe.ts";
import type { PlainRows } from "./rows.ts";

/**
 * What a sweep says of one path. `first`: unknown until now, under roots without a baseline; it carries its snapshot.
 * `differs` and `gone`: state and disk disagree; the change path looks again, so that an older reading never
 * overwrites a newer one. `led`: a link that is what was stored of it; where it leads is to be watched, which a start
 * or other watchers do not know of themselves. `stray`: stored, meant by no root any more, and gone.
 */
export type Finding =
  | {
      readonly kind: "first";
      readonly path: PathKey;
      readonly snapshot: Snapshot;
      readonly hops: readonly PathKey[];
    }
  | { readonly kind: "differs"; readonly path: PathKey }
  | { readonly kind: "gone"; readonly path: PathKey }
  | { readonly kind: "stray"; readonly path: PathKey }
  | { readonly kind: "led"; readonly path: PathKey; readonly hops: readonly PathKey[] }
  | {
      readonly kind: "unreadable";
      readonly path: PathKey;
      readonly operation: "read" | "list";
      readonly errno: string;
    };

/** Takes a batch: findings, and with them the rows of what was seen first and needs no comparing. */
export type OnFindings = (findings: readonly Finding[], rows: PlainRows | null) => Promise<void>;

/** Totals of one sweep. */
export interface SweepTotals {
  readonly entries: number;
  readonly directories: number;
  readonly hashedBytes: number;
  /** Indexes of roots that were not walked to their end. */
  readonly truncated: readonly number[];
  /** True when it was told to stop; what was not walked counts as neither seen nor gone. */
  readonly aborted: boolean;
}

/** All a worker needs to know to walk and to read; replaced whole when policy changes. */
export interface WorkerPlan {
  readonly stateDb: string;
  /** The agent's own directories: nothing in them is looked at. */
  readonly own: readonly string[];
  readonly roots: readonly Root[];
  readonly platform: "linux" | "macos" | "windows";
  readonly settings: Pick<Settings, "hash" | "sweep" | "limits">;
  readonly hasher: "auto" | "wasm";
  /** By root index, the owners its links may lead to; null: any. */
  readonly linkOwners: readonly (readonly number[] | null)[];
}

export type ToWorker =
  | { readonly op: "plan"; readonly plan: WorkerPlan }
  | {
      readonly op: "sweep";
      readonly id: number;
      readonly roots: readonly number[];
      readonly first: readonly number[];
      readonly strays: boolean;
    }
  | { readonly op: "observe"; readonly id: number; readonly path: PathKey; readonly root: number }
  | { readonly op: "credit"; readonly id: number }
  | { readonly op: "abort"; readonly id: number };

export type FromWorker =
  | {
      readonly op: "findings";
      readonly id: number;
      readonly findings: readonly Finding[];
      readonly rows: PlainRows | null;
    }
  | { readonly op: "swept"; readonly id: number; readonly totals: SweepTotals }
  | { readonly op: "observed"; readonly id: number; readonly observation: Observation }
  | { readonly op: "failed"; readonly id: number; readonly message: string };
