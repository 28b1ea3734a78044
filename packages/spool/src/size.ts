import type { SpoolFiles } from "./files.ts";
import { listSpool, partPath, segmentsOf, type Part, type Stem } from "./layout.ts";

export type SpoolSize = {
  /** Lines, indexes and manifests. */
  readonly bytes: number;
  readonly segments: number;
  /** Oldest sequence on disk; null when there is no segment. */
  readonly first_sequence: number | null;
};

const NOTHING: SpoolSize = { bytes: 0, segments: 0, first_sequence: null };

/** A directory that was removed holds nothing: it must not take status and end of its owner with it. */
export async function measureSpool(files: SpoolFiles, dir: string): Promise<SpoolSize> {
  if ((await files.lstat(dir)) === null) return NOTHING;
  const listing = await listSpool(files, dir);
  let bytes = 0;
  for (const stem of listing.stems) bytes += await stemBytes(files, dir, stem);
  const segments = segmentsOf(listing);
  return { bytes, segments: segments.length, first_sequence: segments[0]?.first ?? null };
}

export async function stemBytes(files: SpoolFiles, dir: string, stem: Stem): Promise<number> {
  const parts: Part[] = [];
  if (stem.data) parts.push("jsonl");
  if (stem.index) parts.push("idx");
  if (stem.manifest) parts.push("manifest.json");
  let bytes = 0;
  for (const part of parts) {
    const facts = await files.lstat(partPath(dir, stem.first, part));
    bytes += facts?.size ?? 0;
  }
  return bytes;
}
