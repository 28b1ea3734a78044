import type { Assessment } from "@sigil/risk";
import { pathsOf, type Waiting } from "./hold.ts";
import { isNews, type Looked } from "./telling.ts";

interface Read {
  /** Of the contents read; null: not known. */
  readonly digest: string | null;
  /** The same contents were told before: the news was in the attributes, or in another file. */
  readonly same: boolean;
}

/**
 * Guard files that were told to be other than before while the change that made them so was still on its way: a run of
 * everything reads what is on disk, whoever has noticed it. Such a change is no quiet one, however late it comes.
 */
export class Ahead {
  readonly #told = new Map<string, Read>();

  /**
   * Takes notice of what a run is about to tell, and of the changes that waited for it.
   * @param whole everything was read anew
   */
  note(looked: readonly Looked[], waiting: readonly Waiting[], whole: boolean): void {
    const waiters = Map.groupBy(waiting, ({ path }) => path);
    for (const { assessment, previous, speech } of looked) {
      if (!isNews(speech)) continue;
      const known = new Set(whole || !previous ? [] : pathsOf(previous));
      for (const path of pathsOf(assessment)) {
        const changes = waiters.get(path);
        // Of what was known, a run reads again only what has changed.
        if (!changes && known.has(path)) continue;
        const read = readOf(path, assessment, previous);
        if (!changes?.some((one) => brings(one, read))) this.#told.set(path, read);
      }
    }
  }

  /** Was this change told of before it was looked at? Answered once. */
  claim({ path, contents: { before, after } }: Waiting): boolean {
    const read = this.#told.get(path);
    if (!read) return false;
    this.#told.delete(path);
    if (before === after) return read.same;
    // What was told of is what this change replaces: its own came before, unnoticed.
    return read.digest === null || read.digest !== before;
  }

  /** Forgets what guards nothing any more. */
  keep(watched: ReadonlySet<string>): void {
    for (const path of this.#told.keys()) if (!watched.has(path)) this.#told.delete(path);
  }
}

function readOf(path: string, assessment: Assessment, previous: Assessment | null): Read {
  const { contentHash, path: own, realPath } = assessment;
  const digest = path === own || path === realPath ? contentHash : null;
  return { digest, same: digest !== null && digest === previous?.contentHash };
}

function brings({ contents }: Waiting, { digest }: Read): boolean {
  return digest === null || contents.after === digest;
}
