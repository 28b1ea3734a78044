import type { Refusal } from "./problem.ts";
import type { ServerSettings } from "./settings.ts";
import { createSlots } from "./slots.ts";
import { createSlab, type Slab } from "./unpack.ts";

/** Takes a body that is unpacked to at most `maxBytes`, into `slab`. */
export type Work<Done> = (slab: Slab, maxBytes: number) => Promise<Done | Refusal>;

/** Decides how many batches are unpacked and checked at once. */
export interface Lanes {
  /** @param size of the body as it was sent @returns null when too many wait already */
  run<Done>(size: number, work: Work<Done>): Promise<Done | Refusal | null>;
}

const KIB = 1024;
/** A body up to this size is tried in the light lane… */
const LIGHT_BODY = 64 * KIB;
/** …where it may have this size unpacked; a small bomb costs that much and then waits for the heavy lane. */
const LIGHT_BATCH = 1024 * KIB;
/** What a slab begins with, and what of it is kept for the next batch: a sender's usual batch fits. */
const LIGHT = { first: 16 * KIB, keep: 128 * KIB };
const HEAVY = { first: 1024 * KIB, keep: 8192 * KIB };

/**
 * Two lanes: many small batches at once, since hosts with little to say should share the wait for the disk; few large
 * ones, since each takes memory.
 */
export function createLanes(limits: ServerSettings["limits"]): Lanes {
  const { max_admitting, max_admitting_large, max_waiting, max_batch_bytes } = limits;
  const light = createSlots(max_admitting, max_waiting, () => createSlab(LIGHT.first));
  const heavy = createSlots(max_admitting_large, max_waiting, () => createSlab(HEAVY.first));

  async function runLight<Done>(work: Work<Done>): Promise<Done | Refusal | null> {
    const maxBytes = Math.min(LIGHT_BATCH, max_batch_bytes);
    return light.run((slab) => work(slab, maxBytes).finally(() => slab.reset(LIGHT.keep)));
  }

  return {
    async run(size, work) {
      const done = size <= LIGHT_BODY ? await runLight(work) : undefined;
      if (done !== undefined && !isTooLarge(done)) return done;
      return heavy.run((slab) => work(slab, max_batch_bytes).finally(() => slab.reset(HEAVY.keep)));
    },
  };
}

function isTooLarge(done: unknown): boolean {
  return (done as Refusal | null)?.problem === "batch-too-large";
}
