import { messageOf, SigilError } from "@sigil/core/plain";
import type { KeepContext } from "./keep.ts";
import { stemOf } from "./layout.ts";
import { timestamp } from "./ports.ts";
import type { SpoolState } from "./recover.ts";
import { seal, type Unsealed } from "./seal.ts";

/** Closed segments on their way into the chain of manifests. */
export interface Chain {
  /** Digest of the newest manifest. */
  readonly head: string | null;
  /** How many closed segments wait for their manifest. */
  readonly waiting: number;
  add(closed: Unsealed): void;
  /** Oldest first, since each manifest names the one before. Failures are reported, not thrown. */
  seal(most: number): Promise<void>;
}

export function createChain(
  context: KeepContext,
  { spoolId, head: first, unsealed: left }: Pick<SpoolState, "spoolId" | "head" | "unsealed">,
): Chain {
  const { files, hash, dir, clock, report } = context;
  let head = first;
  let unsealed = [...left];

  async function one(closed: Unsealed): Promise<boolean> {
    const closedAt = timestamp(clock);
    try {
      head = (await seal({ files, hash, dir, spoolId, closedAt, head }, closed)) ?? head;
      return true;
    } catch (error) {
      report({ kind: "manifest_failed", segment: stemOf(closed.first), why: messageOf(error) });
      // What is no segment will never have a manifest; it must not hold up the ones after it.
      return error instanceof SigilError && error.code === "SIGIL_SPOOL_CORRUPT";
    }
  }

  return {
    get head() {
      return head;
    },
    get waiting() {
      return unsealed.length;
    },
    add: (closed) => void unsealed.push(closed),
    async seal(most) {
      for (let done = 0; done < most; done += 1) {
        const [oldest, ...rest] = unsealed;
        if (oldest === undefined || !(await one(oldest))) return;
        unsealed = rest;
      }
    },
  };
}
