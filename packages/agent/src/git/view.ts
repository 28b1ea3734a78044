import { type BytePath, toBuffer } from "./bytes.ts";
import { type Bits, decodeEwah, hasBit, overlap } from "./ewah.ts";
import type { IndexFile, Link } from "./index-file.ts";
import { bytesOf, findName, type Names } from "./names.ts";
import { type Unanswered, unanswered } from "./reason.ts";

/** Names of one file, less those a split index deletes from its base. */
type Layer = { readonly names: Names; readonly deleted: Bits | null };

/** An index as a whole: one layer, or a split index's own entries over its base's. */
export type IndexView = {
  readonly layers: readonly Layer[];
  readonly sparse: boolean;
  readonly entries: number;
  readonly bytes: number;
};

export function wholeView(file: IndexFile): IndexView {
  return viewOf([{ names: file.names, deleted: null }], file.sparse);
}

/**
 * A split index over its base. Replaced entries keep the base's name, so only deletions change which
 * names there are; the rules git dies on (`merge_base_index`) are checked all the same.
 */
export function splitView(file: IndexFile, link: Link, base: IndexFile): IndexView | Unanswered {
  const sound = base.link === null && base.nameless === 0 && base.checksum.equals(link.base);
  const changes = sound ? decodeChanges(link.bitmaps, base.names.count) : null;
  if (changes === null) return unanswered("corrupt_index");
  const { deleted, replaced } = changes;
  const replacements = replaced?.count ?? 0;
  if (replacements !== file.nameless) return unanswered("corrupt_index");
  if (deleted !== null && replaced !== null && overlap(deleted, replaced)) {
    return unanswered("corrupt_index");
  }
  const layers = [
    { names: file.names, deleted: null },
    { names: base.names, deleted },
  ];
  return viewOf(layers, file.sparse || base.sparse);
}

type Changes = { readonly deleted: Bits | null; readonly replaced: Bits | null };

function decodeChanges(bitmaps: Buffer, entries: number): Changes | null {
  if (bitmaps.length === 0) return { deleted: null, replaced: null };
  const deleted = decodeEwah(bitmaps, 0, entries);
  const replaced = deleted === null ? null : decodeEwah(bitmaps, deleted.next, entries);
  if (deleted === null || replaced === null || replaced.next !== bitmaps.length) return null;
  return { deleted: deleted.bits, replaced: replaced.bits };
}

function viewOf(layers: readonly Layer[], sparse: boolean): IndexView {
  const sum = (part: (layer: Layer) => number): number =>
    layers.reduce((total, layer) => total + part(layer), 0);
  return {
    layers,
    sparse,
    entries: sum((layer) => layer.names.count),
    bytes: sum((layer) => bytesOf(layer.names) + (layer.deleted?.words.length ?? 0)),
  };
}

/** Whether the index lists the name at any stage; not answered below a sparse directory. */
export function isListed(view: IndexView, name: BytePath): boolean | Unanswered {
  const bytes = toBuffer(name);
  if (hasEntry(view, bytes)) return true;
  if (view.sparse && isBelowSparse(view, bytes)) return unanswered("sparse_directory");
  return false;
}

const SLASH = 0x2f;

function isBelowSparse(view: IndexView, name: Buffer): boolean {
  for (let at = name.indexOf(SLASH); at !== -1; at = name.indexOf(SLASH, at + 1)) {
    // Only sparse directories have names with a trailing slash.
    if (hasEntry(view, name.subarray(0, at + 1))) return true;
  }
  return false;
}

function hasEntry(view: IndexView, name: Buffer): boolean {
  return view.layers.some(({ names, deleted }) => {
    const [from, to] = findName(names, name);
    if (deleted === null) return to > from;
    for (let index = from; index < to; index += 1) {
      if (!hasBit(deleted, index)) return true;
    }
    return false;
  });
}
