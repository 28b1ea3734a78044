import { checkDirectory } from "./directory.ts";
import { coded } from "./error.ts";
import { FaultList, type Fault } from "./faults.ts";
import type { SpoolFiles } from "./files.ts";
import { readIdentity } from "./identity.ts";
import { listSpool, segmentsOf, stemOf, type Listing, type Stem } from "./layout.ts";
import { readManifest, type Manifest } from "./manifest.ts";
import { readMark } from "./mark.ts";
import { nodeFiles } from "./node-files.ts";
import type { SpoolHash } from "./ports.ts";
import { resolveSettings, type SpoolSettings } from "./settings.ts";
import { verifySegment, type SegmentVerdict } from "./verify-segment.ts";

export type VerifyOptions = {
  readonly hash: SpoolHash;
  readonly files?: SpoolFiles;
  readonly settings?: Partial<SpoolSettings>;
};

export type VerifyReport = {
  readonly ok: boolean;
  readonly spool_id: string | null;
  readonly segments: number;
  /** Lines proven by their digests, and their bytes with newlines. */
  readonly lines: number;
  readonly bytes: number;
  readonly first_sequence: number | null;
  readonly last_sequence: number | null;
  /** What the oldest manifest names as the one before it; null when it is the first of all. */
  readonly chain_base: string | null;
  readonly chain_head: string | null;
  readonly faults: readonly Fault[];
  /** `faults` is cut at `verify_max_faults`; this is not. */
  readonly faults_total: number;
};

/**
 * Reads a whole spool in bounded memory: every line against its index, every manifest against its
 * segment, the chain of manifests, and the sequence. Changes nothing; may run beside a producer,
 * whose unacknowledged lines it leaves out.
 * @throws SIGIL_SPOOL_ABSENT, SIGIL_SPOOL_OWNER, SIGIL_SPOOL_IO
 */
export async function verifySpool(dir: string, options: VerifyOptions): Promise<VerifyReport> {
  const files = options.files ?? nodeFiles;
  const settings = resolveSettings(options.settings);
  await checkDirectory(files, dir);
  return await coded("cannot verify the spool", async () => {
    return await new Verification(files, options.hash, dir, settings).run();
  });
}

/** The segment or lone manifest before; `evicted` when its lines are gone. */
type Link = { readonly last: number; readonly digest: string | null; readonly evicted: boolean };

class Verification {
  readonly #files: SpoolFiles;
  readonly #hash: SpoolHash;
  readonly #dir: string;
  readonly #faults: FaultList;
  #spoolId: string | null = null;
  #before: Link | null = null;
  #base: { readonly digest: string | null } | null = null;
  #head: string | null = null;
  #lines = 0;
  #bytes = 0;

  constructor(files: SpoolFiles, hash: SpoolHash, dir: string, settings: SpoolSettings) {
    this.#files = files;
    this.#hash = hash;
    this.#dir = dir;
    this.#faults = new FaultList(settings.verify_max_faults);
  }

  async run(): Promise<VerifyReport> {
    this.#spoolId = await this.#identity();
    const mark = await this.#mark();
    const listing = await listSpool(this.#files, this.#dir);
    this.#leftovers(listing);
    const segments = segmentsOf(listing);
    for (const stem of listing.stems) {
      const next = segments.find((segment) => segment.first > stem.first);
      await this.#stem(stem, next?.first ?? null, mark);
    }
    const last = this.#before?.last ?? null;
    if (mark !== null && mark > (last ?? 0)) {
      this.#faults.add("sequence_gap", `${(last ?? 0) + 1} to ${mark} are not there`);
    }
    return this.#report(segments, last);
  }

  #report(segments: readonly Stem[], last: number | null): VerifyReport {
    return {
      ok: this.#faults.total === 0,
      spool_id: this.#spoolId,
      segments: segments.length,
      lines: this.#lines,
      bytes: this.#bytes,
      first_sequence: segments[0]?.first ?? null,
      last_sequence: last,
      chain_base: this.#base?.digest ?? null,
      chain_head: this.#head,
      faults: this.#faults.kept,
      faults_total: this.#faults.total,
    };
  }

  async #identity(): Promise<string | null> {
    const outcome = await readIdentity(this.#files, this.#dir);
    if (outcome.kind === "read") return outcome.spool_id;
    if (outcome.kind === "absent") this.#faults.add("identity_missing", "there is no spool.json");
    else this.#faults.add("identity_invalid", `spool.json: ${outcome.why}`);
    return null;
  }

  async #mark(): Promise<number | null> {
    if (this.#spoolId === null) return null;
    const mark = await readMark(this.#files, this.#dir, this.#hash, this.#spoolId);
    if (mark === null) this.#faults.add("mark_invalid", "durable.mark is not of this spool");
    return mark;
  }

  #leftovers({ stems, temps }: Listing): void {
    for (const name of temps) this.#faults.add("leftover", name);
    // A lone manifest is none: it was kept as the head of the chain.
    for (const stem of stems.filter((known) => !known.data && known.index)) {
      const segment = stemOf(stem.first);
      this.#faults.add("leftover", `${segment}.idx without lines`, { segment });
    }
  }

  async #stem(stem: Stem, next: number | null, mark: number | null): Promise<void> {
    const manifest = stem.manifest ? await this.#manifest(stem) : null;
    if (!stem.data) {
      // Eviction takes the oldest: nothing older can be left.
      if (this.#lines > 0) {
        this.#faults.add("sequence_gap", "its lines are gone", { segment: stemOf(stem.first) });
      }
      return this.#ended(stem, manifest, manifest?.last_sequence ?? null);
    }
    if (!stem.manifest && next !== null) {
      const segment = stemOf(stem.first);
      this.#faults.add("manifest_missing", "closed without a manifest", { segment });
    }
    const before = this.#before;
    // Between an evicted segment and the first whole one any number may have been evicted.
    if (before !== null && !before.evicted && before.last + 1 !== stem.first) {
      const detail = `after ${before.last} comes ${stem.first}`;
      this.#faults.add("sequence_gap", detail, { segment: stemOf(stem.first) });
    }
    const verdict = await this.#lineCheck(stem, manifest, next, mark);
    this.#ended(stem, manifest, verdict?.last ?? null);
  }

  async #lineCheck(
    stem: Stem,
    manifest: Manifest | null,
    next: number | null,
    mark: number | null,
  ): Promise<SegmentVerdict | null> {
    const ports = { files: this.#files, hash: this.#hash };
    const verdict = await verifySegment(ports, this.#dir, this.#faults, {
      first: stem.first,
      manifest,
      next,
      mark,
    });
    this.#lines += verdict?.lines ?? 0;
    this.#bytes += verdict?.bytes ?? 0;
    return verdict;
  }

  async #manifest({ first }: Stem): Promise<Manifest | null> {
    const outcome = await readManifest(this.#files, this.#dir, this.#hash, first);
    const segment = stemOf(first);
    if (outcome.kind === "absent") return null;
    if (outcome.kind === "invalid") {
      this.#faults.add("manifest_invalid", "not a manifest as it was written", { segment });
      return null;
    }
    const { manifest, digest } = outcome;
    if (manifest.spool_id !== this.#spoolId) {
      this.#faults.add("manifest_foreign", `of spool ${manifest.spool_id}`, { segment });
    }
    this.#chain(manifest, segment);
    this.#head = digest;
    return manifest;
  }

  #chain(manifest: Manifest, segment: string): void {
    const named = manifest.previous_manifest_digest;
    this.#base ??= { digest: named };
    const before = this.#before;
    if (before === null) return;
    if (before.digest !== named) {
      this.#faults.add("chain_broken", "does not name the manifest before it", { segment });
    }
  }

  #ended(stem: Stem, manifest: Manifest | null, last: number | null): void {
    const digest = manifest === null ? null : this.#head;
    if (last === null && digest === null) return;
    this.#before = { last: last ?? stem.first - 1, digest, evicted: !stem.data };
  }
}
