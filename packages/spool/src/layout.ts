import { join } from "node:path";
import type { SpoolFiles } from "./files.ts";

/** Sequences start here; a checkpoint of 0 means that nothing was consumed. */
export const FIRST_SEQUENCE = 1;
/** Far above what is ever reached, and far below where numbers can no longer be counted on. */
export const MAX_SEQUENCE = 2 ** 52;
/** More lines than a segment can hold, or a spool can have lost. */
export const LEAP_MAX = 2 ** 32;

export const IDENTITY_NAME = "spool.json";
export const MARK_NAME = "durable.mark";
export const CHECKPOINT_NAME = "checkpoint.json";
export const QUARANTINE_NAME = "quarantine";
export const TEMP_SUFFIX = ".tmp";

/** 20 digits hold any u64, so names sort in write order whatever the clock does. */
const STEM_DIGITS = 20;
const PART = /^(\d{20})\.(jsonl|idx|manifest\.json)$/;

export type Part = "jsonl" | "idx" | "manifest.json";

export function stemOf(first: number): string {
  return String(first).padStart(STEM_DIGITS, "0");
}

export function partPath(dir: string, first: number, part: Part): string {
  return join(dir, `${stemOf(first)}.${part}`);
}

/** The files there are for one first sequence. */
export type Stem = {
  readonly first: number;
  readonly data: boolean;
  readonly index: boolean;
  readonly manifest: boolean;
};

export type Listing = {
  /** Ascending by first sequence. */
  readonly stems: readonly Stem[];
  /** What an atomic write left behind when it was interrupted. */
  readonly temps: readonly string[];
};

/** One readdir; names that are not the spool's own (a lock file) are left out. */
export async function listSpool(files: SpoolFiles, dir: string): Promise<Listing> {
  const stems = new Map<number, Stem>();
  const temps: string[] = [];
  for (const name of await files.readdir(dir)) {
    if (isTemp(name)) temps.push(name);
    const part = parseName(name);
    if (part !== null) stems.set(part.first, withPart(stems.get(part.first), part));
  }
  const sorted = [...stems.values()].toSorted((a, b) => a.first - b.first);
  return { stems: sorted, temps };
}

type Name = { readonly first: number; readonly part: Part };

function parseName(name: string): Name | null {
  const match = PART.exec(name);
  if (match === null) return null;
  const first = Number(match[1]);
  // A number this package cannot count with was not written by it.
  if (!(first >= FIRST_SEQUENCE && first <= MAX_SEQUENCE)) return null;
  return { first, part: match[2] as Part };
}

function withPart(stem: Stem | undefined, { first, part }: Name): Stem {
  const known = stem ?? { first, data: false, index: false, manifest: false };
  if (part === "jsonl") return { ...known, data: true };
  return part === "idx" ? { ...known, index: true } : { ...known, manifest: true };
}

export function isTemp(name: string): boolean {
  return name.startsWith(".") && name.endsWith(TEMP_SUFFIX);
}

/** The segments that still have their lines. */
export function segmentsOf(listing: Listing): readonly Stem[] {
  return listing.stems.filter((stem) => stem.data);
}

/** First sequence of the newest manifest, or null. */
export function newestManifest(listing: Listing): number | null {
  return listing.stems.findLast((stem) => stem.manifest)?.first ?? null;
}
