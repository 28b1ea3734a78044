import { dirname, join } from "node:path";
import { errnoOf } from "@sigil/core/plain";
import { databaseLock } from "@sigil/ports/lock";
import { fail } from "../errors.ts";
import type { Failed } from "./commit.ts";
import { openReader, storeError } from "./database.ts";
import { createHandles, type Handles, type StoreOptions } from "./handles.ts";
import type { AdmittedBatch, Commit, EventStore } from "./model.ts";
import { createReads, readStoreOf } from "./reads.ts";

export type { StoreOptions } from "./handles.ts";

/** Events that one transaction takes, when several batches wait; a larger batch goes alone. */
const GROUP_EVENTS = 20_000;

/**
 * Opens the store and takes it for this process.
 * @throws SIGIL_SERVER_RUNNING, SIGIL_SERVER_STORE, SIGIL_SERVER_STORE_NEWER
 */
export function openStore(options: StoreOptions): EventStore {
  const lock = takeLock(options.file);
  try {
    return createStore(options, createHandles(options), () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Opens the store to read, beside a running server; `commit` and `prune` fail.
 * @returns null when there is none
 * @throws SIGIL_SERVER_STORE, SIGIL_SERVER_STORE_NEWER
 */
export function readStore(options: StoreOptions): EventStore | null {
  const { file } = options;
  const db = openReader(file, options.cacheBytes);
  if (!db) return null;
  const reads = createReads(db, options);
  return {
    ...readStoreOf(
      file,
      () => reads,
      () => undefined,
    ),
    commit: refuseToWrite,
    prune: refuseToWrite,
    retentionTime: refuseToWrite,
    close: async () => void db.close(),
  };
}

async function refuseToWrite(): Promise<never> {
  throw fail("SIGIL_SERVER_STORE", "the store was opened to be read only");
}

const held = (lock: string, cause: unknown) =>
  fail("SIGIL_SERVER_RUNNING", `another server holds ${lock}`, { cause });

function takeLock(file: string): { release(): void } {
  const directory = dirname(file);
  try {
    return databaseLock(held).acquire(directory);
  } catch (error) {
    throw errnoOf(error) === "SIGIL_SERVER_RUNNING"
      ? error
      : storeError(error, join(directory, "lock.db"));
  }
}

/** The store over what is open. @param release is called once it is closed */
export function createStore(
  options: StoreOptions,
  handles: Handles,
  release: () => void,
): EventStore {
  const { file } = options;
  const queue = createQueue(file, handles);
  const reads = readStoreOf(
    file,
    () => handles.current().reads,
    (error) => handles.failed(error),
  );
  async function write<T>(act: (open: ReturnType<Handles["current"]>) => T): Promise<T> {
    try {
      return act(handles.current());
    } catch (error) {
      handles.failed(error);
      throw storeError(error, file);
    }
  }
  return {
    ...reads,
    commit: queue.commit,
    prune: ({ receivedAt, maxBytes }) =>
      write(({ prune }) => prune({ receivedAt, maxBytes, piece: options.prunePiece })),
    retentionTime: (now, advanceMs) => write(({ retentionTime }) => retentionTime(now, advanceMs)),
    stats: async () => ({ ...(await reads.stats()), lastCommitMs: queue.lastCommitMs() }),
    async close() {
      queue.flush();
      handles.close();
      release();
    },
  };
}

type Waiting = {
  readonly batch: AdmittedBatch;
  readonly resolve: (commit: Commit) => void;
  readonly reject: (error: unknown) => void;
};

/** Batches that come together share a transaction, and so the one wait for the disk. */
function createQueue(file: string, handles: Handles) {
  let waiting: Waiting[] = [];
  let last: number | null = null;

  function next(): void {
    const group = takeGroup(waiting);
    waiting = waiting.slice(group.length);
    if (waiting.length > 0) setImmediate(next);
    if (group.length > 0) run(group);
  }

  function run(group: readonly Waiting[]): void {
    try {
      const started = performance.now();
      const done = handles.current().commit(group.map(({ batch }) => batch));
      last = performance.now() - started;
      for (const [index, one] of group.entries()) answer(one, done[index], file);
    } catch (error) {
      const failure = storeError(error, file);
      handles.failed(error);
      for (const { reject } of group) reject(failure);
    }
  }

  return {
    /** Milliseconds that the last transaction took. */
    lastCommitMs: () => last,
    commit: (batch: AdmittedBatch) =>
      new Promise<Commit>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(next);
        waiting.push({ batch, resolve, reject });
      }),
    flush(): void {
      while (waiting.length > 0) next();
    },
  };
}

function takeGroup(waiting: readonly Waiting[]): readonly Waiting[] {
  let events = 0;
  const end = waiting.findIndex(({ batch }, index) => {
    events += batch.events.length;
    return index > 0 && events > GROUP_EVENTS;
  });
  return end === -1 ? waiting : waiting.slice(0, end);
}

function answer(
  { resolve, reject }: Waiting,
  done: Commit | Failed | undefined,
  file: string,
): void {
  if (done && "highWater" in done) resolve(done);
  else reject(storeError(done?.failed, file));
}
