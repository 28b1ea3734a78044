/** What a spool noticed about itself: never thrown, always told. Segments are named by their stem. */
export type SpoolReport =
  /** Bytes that were never acknowledged, cut from the end of a segment. */
  | {
      readonly kind: "torn_tail";
      readonly segment: string;
      readonly bytes: number;
      /** How many of them the quarantine holds, and where. */
      readonly kept_bytes: number;
      readonly quarantine_id: string | null;
    }
  /** Acknowledged lines that no longer match their index; left in place, skipped by readers. */
  | {
      readonly kind: "corrupt_line";
      readonly segment: string;
      readonly from: number;
      readonly to: number;
    }
  /** Index records without lines, or a part of a record, cut from the end of an index. */
  | { readonly kind: "index_repaired"; readonly segment: string; readonly bytes: number }
  /** Acknowledged lines whose bytes are gone. */
  | { readonly kind: "lines_missing"; readonly from: number; readonly to: number }
  /** A closed segment waits for its manifest. */
  | { readonly kind: "manifest_missing"; readonly segment: string }
  | { readonly kind: "manifest_corrupt"; readonly segment: string }
  | { readonly kind: "manifest_failed"; readonly segment: string; readonly why: string }
  /** `spool.json` was damaged: the id came from a manifest, or is new. */
  | { readonly kind: "identity_restored"; readonly spool_id: string }
  | { readonly kind: "identity_replaced"; readonly spool_id: string }
  /** Rests of an interrupted write or eviction. */
  | { readonly kind: "leftover_removed"; readonly file: string }
  /** The open segment was removed or replaced under the producer, with the lines it held. */
  | {
      readonly kind: "segment_gone";
      readonly segment: string;
      readonly from: number;
      readonly to: number;
    }
  /** What stood in the place of a file of the spool: a link, a directory, a pipe, a device. */
  | { readonly kind: "moved_aside"; readonly file: string; readonly to: string }
  | { readonly kind: "append_failed"; readonly events: number; readonly why: string }
  /** A segment that took no more writes after a failure; what was acknowledged in it stays. */
  | { readonly kind: "segment_abandoned"; readonly segment: string; readonly why: string }
  /** Consumers will see the lines after the next commit. */
  | { readonly kind: "mark_failed"; readonly why: string }
  | { readonly kind: "checkpoint_ignored"; readonly why: string; readonly sequence: number | null };

export type OnReport = (report: SpoolReport) => void;

/** A listener that throws must not stop a commit or a recovery. */
export function shielded(onReport: OnReport | undefined): OnReport {
  return (report) => {
    try {
      onReport?.(report);
    } catch {
      // The listener's own failure.
    }
  };
}
