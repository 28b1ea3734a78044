import { type BytePath, join } from "./bytes.ts";
import { loadIndexFile } from "./index-file.ts";
import { type FileIdentity, isUnmoved } from "./io.ts";
import type { GitLimits } from "./limits.ts";
import { isUnanswered, type Unanswered, unanswered } from "./reason.ts";
import { type IndexView, splitView, wholeView } from "./view.ts";

/** The parsed indexes of the repositories asked about lately. */
export type Indexes = {
  /** The index of a git directory as it is on disk now; null when there is none. */
  view: (gitDir: BytePath, hashBytes: 20 | 32) => Promise<IndexView | null | Unanswered>;
  clear: () => void;
};

type Source = { readonly path: BytePath; readonly identity: FileIdentity };

/** What a set of files in exactly these states means; a corrupt index is remembered as such. */
type Parsed = { readonly sources: readonly Source[]; readonly view: IndexView | Unanswered };

export function createIndexes(limits: GitLimits): Indexes {
  // Insertion order is age of use.
  const kept = new Map<string, Parsed>();
  let turn: Promise<unknown> = Promise.resolve();

  const recall = (key: string): Parsed | null => {
    const parsed = kept.get(key);
    if (parsed === undefined) return null;
    kept.delete(key);
    if (!parsed.sources.every(({ path, identity }) => isUnmoved(path, identity))) return null;
    kept.set(key, parsed);
    return parsed;
  };

  const load = async (key: string, gitDir: BytePath, hashBytes: 20 | 32) => {
    const known = recall(key);
    if (known !== null) return known.view;
    const parsed = await parse(gitDir, hashBytes, limits);
    if (parsed === null || isUnanswered(parsed)) return parsed;
    kept.set(key, parsed);
    evict(kept, limits);
    return parsed.view;
  };

  return {
    async view(gitDir, hashBytes) {
      const key = `${String(hashBytes)}:${gitDir}`;
      const known = recall(key);
      if (known !== null) return known.view;
      // One load at a time: raw files of many repositories never add up in memory, and questions
      // about one repository that arrive together read its index once.
      const mine = turn.then(() => load(key, gitDir, hashBytes));
      turn = mine.catch(() => null);
      return mine;
    },
    clear: () => kept.clear(),
  };
}

async function parse(
  gitDir: BytePath,
  hashBytes: 20 | 32,
  limits: GitLimits,
): Promise<Parsed | null | Unanswered> {
  const path = join(gitDir, "index");
  const own = await loadIndexFile(path, hashBytes, limits);
  if (own === null || isUnanswered(own)) return own;
  const source = { path, identity: own.identity };
  const file = own.content;
  if (isUnanswered(file)) return { sources: [source], view: file };
  if (file.link === null) return { sources: [source], view: wholeView(file) };
  const basePath = join(gitDir, `sharedindex.${file.link.base.toString("hex")}`);
  const base = await loadIndexFile(basePath, hashBytes, limits);
  if (base === null) return unanswered("missing_shared_index");
  if (isUnanswered(base)) return base;
  const sources = [source, { path: basePath, identity: base.identity }];
  const content = base.content;
  const view = isUnanswered(content) ? content : splitView(file, file.link, content);
  return { sources, view };
}

function evict(kept: Map<string, Parsed>, limits: GitLimits): void {
  let entries = 0;
  let bytes = 0;
  for (const { view } of kept.values()) {
    if (isUnanswered(view)) continue;
    entries += view.entries;
    bytes += view.bytes;
  }
  for (const [key, { view }] of kept) {
    const fits =
      kept.size <= limits.cachedRepositories &&
      entries <= limits.cachedEntries &&
      bytes <= limits.cachedBytes;
    if (fits) return;
    kept.delete(key);
    if (isUnanswered(view)) continue;
    entries -= view.entries;
    bytes -= view.bytes;
  }
}
