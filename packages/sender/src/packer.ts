import { ulid } from "ulid";
import type { BatchManifest, Hello } from "@sigil/core";
import type { DigestPort } from "@sigil/core/plain";
import type { ChainMemory } from "./chain.ts";
import { createScratch, encodingFor, pack, type Encoding, type Packed } from "./pack.ts";
import type { Part } from "./part.ts";
import type { Clock, Identity } from "./ports.ts";
import type { Load } from "./read.ts";
import type { SenderSettings } from "./settings.ts";

export type PackerOptions = {
  readonly stream: BatchManifest["stream"];
  readonly settings: Pick<SenderSettings, "batch">;
  readonly chain: ChainMemory;
  readonly identity: Identity;
  readonly hash: DigestPort;
  readonly clock: Clock;
};

/** Packs loads as this receiver takes them. */
export interface Packer {
  /** What a batch may hold: the lower of this host's settings and what the receiver says it takes. */
  readonly limits: { readonly maxEvents: number; readonly maxBytes: number };
  /** Says what the receiver of a new connection takes. */
  greeted(hello: Hello): void;
  /** The receiver of this connection does not take it after all. */
  refuse(encoding: Encoding): void;
  /** Packs ahead of time. @param previous chain digest that will be the batch's before it */
  prepare(load: Load, previous: string | null): Promise<Packed>;
  /** The part as it is to be sent now: as before, unless something it says is no longer so. Null: in no encoding. */
  pick(part: Part): Promise<Packed | null>;
  /** False for what the receiver would cut off half way. */
  fits(packed: Packed): boolean;
}

/** For the manifest, and the line that goes over the limit. Bytes. */
const SCRATCH_SPARE = 1024 * 1024;
const ALL: readonly Encoding[] = ["zstd", "gzip", "identity"];

export function createPacker(options: PackerOptions): Packer {
  const { batch } = options.settings;
  const scratch = createScratch(SCRATCH_SPARE + batch.max_bytes);
  const refused = new Set<Encoding>();
  let hello: Hello | null = null;

  const choose = () => encodingFor(batch.compression, hello?.encodings ?? ALL, refused);
  const seal = async (load: Load, how: Pick<Packed, "encoding"> & Previous) =>
    await pack(load, {
      batchId: how.batchId ?? ulid(options.clock.now()),
      hostId: options.identity.current().hostId,
      stream: options.stream,
      previous: how.previous,
      encoding: how.encoding,
      level: batch.level,
      hash: options.hash,
      scratch,
    });
  return {
    get limits() {
      return {
        maxEvents: Math.min(batch.max_events, hello?.limits.max_events ?? Infinity),
        maxBytes: Math.min(batch.max_bytes, hello?.limits.max_batch_bytes ?? Infinity),
      };
    },
    greeted(next) {
      hello = next;
      refused.clear();
    },
    refuse: (encoding) => void refused.add(encoding),
    prepare: async (load, previous) =>
      await seal(load, { previous, encoding: choose() ?? "identity", batchId: null }),
    async pick(part) {
      const encoding = choose();
      if (encoding === null) return null;
      const { load, packed } = part;
      const previous = options.chain.at(load.first - 1);
      const isSame =
        packed?.manifest.host_id === options.identity.current().hostId &&
        packed.manifest.previous === previous;
      if (isSame && packed.encoding === encoding) return packed;
      // The same manifest keeps its id: a receiver that has it already knows it again.
      const batchId = isSame ? packed.manifest.batch_id : null;
      part.packed = await seal(load, { previous, encoding, batchId });
      return part.packed;
    },
    fits({ body, manifest }) {
      if (hello === null || manifest.count === 0) return true;
      const { max_body_bytes, max_batch_bytes, max_events } = hello.limits;
      return (
        body.length <= max_body_bytes &&
        manifest.bytes <= max_batch_bytes &&
        manifest.count <= max_events
      );
    },
  };
}

type Previous = { readonly previous: string | null; readonly batchId: string | null };
