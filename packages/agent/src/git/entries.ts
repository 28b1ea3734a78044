import type { GitLimits } from "./limits.ts";
import { buildNames, type Names } from "./names.ts";
import { type Unanswered, unanswered } from "./reason.ts";

/** The entries of one index file and where they end. */
export type Entries = {
  readonly names: Names;
  /** Leading entries without a name: replacements in a split index, whose names are in its base. */
  readonly nameless: number;
  readonly sparse: boolean;
  readonly next: number;
};

// Offsets in an on-disk entry (Documentation/gitformat-index, "Index entry").
const MODE = 24;
const OBJECT_ID = 40;
const FLAG_EXTENDED = 0x4000;
const NAME_MASK = 0x0fff;
/** Reserved bits of the extended flags; the two known ones do not matter here. */
const EXTENDED_UNKNOWN = 0x9fff;
const MODE_SPARSE_DIRECTORY = 0o040000;
const SLASH = 0x2f;

type Layout = {
  readonly file: Buffer;
  readonly version: number;
  readonly hashBytes: number;
  /** Where the trailing checksum starts. */
  readonly end: number;
};

type Head = {
  readonly mode: number;
  readonly stage: number;
  /** Name length from the flags; `NAME_MASK` means that or longer. */
  readonly length: number;
  readonly name: number;
};

/** `keep` bytes of the previous name, then `file[from..to)`; the next entry is at `next`. */
type Name = {
  readonly keep: number;
  readonly from: number;
  readonly to: number;
  readonly next: number;
};

/**
 * Decodes the entries of an index of version 2, 3 or 4 and checks what a binary search relies on:
 * names strictly ascending by (bytes, stage). Yields every `sliceEntries` entries, so that a large
 * index does not hold the event loop. Work and memory are bounded by the file size and `limits`.
 */
export function* parseEntries(
  file: Buffer,
  version: number,
  hashBytes: number,
  limits: GitLimits,
): Generator<undefined, Entries | Unanswered, undefined> {
  const end = file.length - hashBytes;
  const count = file.readUInt32BE(8);
  if (count > limits.maxEntries) return unanswered("too_large");
  // Before anything is allocated for `count` entries: they must fit into the file.
  if (count * (OBJECT_ID + hashBytes + 2) > end - 12) return unanswered("corrupt_index");
  const layout: Layout = { file, version, hashBytes, end };
  const names = buildNames(count, limits.maxNameBytes);
  let at = 12;
  let nameless = 0;
  let sparse = false;
  let stage = 0;
  for (let index = 0; index < count; index += 1) {
    if (index % limits.sliceEntries === limits.sliceEntries - 1) yield;
    const head = readHead(layout, at);
    const name = head === null ? null : readName(layout, head, at, names.lastLength());
    if (head === null || name === null) return unanswered("corrupt_index");
    at = name.next;
    const length = name.keep + name.to - name.from;
    if (length > limits.maxPathBytes) return unanswered("too_large");
    if (length === 0) {
      if (nameless !== index) return unanswered("corrupt_index");
      nameless += 1;
      continue;
    }
    if (!names.add(name.keep, file, name.from, name.to)) return unanswered("too_large");
    const order = names.order();
    if (order > 0 || (order === 0 && head.stage <= stage)) return unanswered("corrupt_index");
    const directory = head.mode === MODE_SPARSE_DIRECTORY;
    const slash = (name.to > name.from ? file[name.to - 1] : -1) === SLASH;
    if (directory !== slash) return unanswered("corrupt_index");
    sparse ||= directory;
    stage = head.stage;
  }
  return { names: names.finish(), nameless, sparse, next: at };
}

function readHead({ file, version, hashBytes, end }: Layout, at: number): Head | null {
  const flagsAt = at + OBJECT_ID + hashBytes;
  if (flagsAt + 2 > end) return null;
  const flags = file.readUInt16BE(flagsAt);
  const extended = (flags & FLAG_EXTENDED) !== 0;
  if (extended && !isKnownExtension(file, version, flagsAt + 2, end)) return null;
  return {
    mode: file.readUInt32BE(at + MODE),
    stage: (flags >>> 12) & 3,
    length: flags & NAME_MASK,
    name: flagsAt + (extended ? 4 : 2),
  };
}

function isKnownExtension(file: Buffer, version: number, at: number, end: number): boolean {
  if (version < 3 || at + 2 > end) return false;
  return (file.readUInt16BE(at) & EXTENDED_UNKNOWN) === 0;
}

function readName(layout: Layout, head: Head, at: number, lastLength: number): Name | null {
  const { file, version, end } = layout;
  const strip = version === 4 ? readVarint(file, head.name, end) : null;
  if (version === 4 && (strip === null || strip.value > lastLength)) return null;
  const keep = strip === null ? 0 : lastLength - strip.value;
  const from = strip?.next ?? head.name;
  const to = file.indexOf(0, from);
  if (to === -1 || to >= end) return null;
  const length = keep + to - from;
  if (Math.min(length, NAME_MASK) !== head.length) return null;
  // Versions 2 and 3 pad with 1 to 8 NUL bytes to a multiple of eight from the entry's start.
  const next = strip === null ? at + ((to - at + 8) & ~7) : to + 1;
  return next > end ? null : { keep, from, to, next };
}

type Varint = { readonly value: number; readonly next: number };

/** git's offset encoding (the one of OFS_DELTA); null when it is cut or beyond any name length. */
function readVarint(file: Buffer, from: number, end: number): Varint | null {
  let value = 0;
  for (let at = from; at < end; at += 1) {
    const byte = file[at] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + 1 };
    if (value > 0xff_ffff) return null;
    value += 1;
  }
  return null;
}
