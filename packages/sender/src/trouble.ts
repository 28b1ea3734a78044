import type { Log } from "@sigil/cli/log";
import type { Packed } from "./pack.ts";
import type { Meter, Notes, TlsCause } from "./ports.ts";
import type { Refusal } from "./post.ts";

export type TroubleOptions = {
  readonly stream: "agent" | "sender";
  readonly server: string;
  readonly meter: Meter;
  readonly notes: Notes;
  readonly log: Log;
};

/** What keeps a stream from shipping, said once for each change of reason. */
export interface Trouble {
  /** It will be tried again and may pass by itself. */
  waiting(reason: string, detail: string | null): void;
  /** The batch, or all of them, are refused until somebody acts. `packed`: null when nothing was sent. */
  refused(refusal: Refusal, packed: Packed | null): void;
  tls(cause: TlsCause, detail: string): void;
  /** The connection is fine. */
  greeted(): void;
  /** A whole load was delivered. */
  over(): void;
}

/**
 * The stream `sender` carries the notes themselves: it makes none, or each refusal would make the next. It only logs.
 */
export function createTrouble(options: TroubleOptions): Trouble {
  const { stream, server, meter, log } = options;
  const notes: Notes = stream === "agent" ? options.notes : { tell: () => {} };
  let reason: string | null = null;
  let noted: string | null = null;
  let cause: TlsCause | null = null;
  const say = (next: string, detail: string | null) => {
    if (next === reason) return;
    reason = next;
    log.warn({ stream, server, reason, detail }, "not delivered");
  };
  return {
    waiting(next, detail) {
      meter.state("waiting", next, detail ?? undefined);
      say(next, detail);
    },
    refused(refusal, packed) {
      meter.state("refused", refusal.reason, refusal.detail ?? undefined);
      say(refusal.reason, refusal.detail);
      if (refusal.reason === noted) return;
      noted = refusal.reason;
      notes.tell(rejectedNote(refusal, packed));
    },
    tls(next, detail) {
      const kebab = next.replaceAll("_", "-");
      meter.state("refused", kebab, detail);
      say(kebab, detail);
      if (next === cause) return;
      cause = next;
      notes.tell({ kind: "tls_failure", cause: next, server, detail });
    },
    greeted() {
      cause = null;
    },
    over() {
      if (reason !== null) log.info({ stream, server, after: reason }, "delivering again");
      reason = null;
      noted = null;
    },
  };
}

function rejectedNote({ status, reason, detail }: Refusal, packed: Packed | null) {
  return {
    kind: "batch_rejected",
    batch_id: packed?.manifest.batch_id ?? "",
    status,
    reason,
    first_sequence: packed?.manifest.first_sequence ?? 0,
    last_sequence: packed?.manifest.last_sequence ?? 0,
    detail,
  } as const;
}
