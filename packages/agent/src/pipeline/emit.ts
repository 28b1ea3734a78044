import {
  isRawKey,
  pairRenames,
  rootId,
  type Match,
  type PathKey,
  type RenameSide,
  type SettledPath,
  type Settings,
  type Snapshot,
  type StoredState,
} from "@sigil/core/plain";
import type { Store } from "../state/store.ts";
import type { Finding } from "../sweep/finding.ts";
import { compare, type Change, type RenamedFrom, type Seen } from "./compare.ts";
import type { LookPorts } from "./look.ts";
import type { Recorder } from "./record.ts";
import { isGone } from "./resolve.ts";
import { strayOf } from "./stray.ts";

export interface EmitPorts extends Pick<LookPorts, "plan" | "hasher" | "setHops" | "onUnreadable"> {
  readonly store: Store;
  readonly recorder: Recorder;
  gitTracked(path: PathKey): Promise<boolean | null>;
  /** Puts a path back into settle. */
  hold(path: SettledPath, delayMs: number): void;
  record(change: Change): void;
  now(): number;
}

export type First = Extract<Finding, { kind: "first" }>;

/** Until a state that is on its way is stored. */
const UNDER_WAY_MS = 1000;

/** What was seen of paths in, changes out: compares with what is known and records the difference, one path at a time. */
export class Emitter {
  readonly #ports: EmitPorts;
  readonly #touchNoteMs: number;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(settings: Settings, ports: EmitPorts) {
    this.#ports = ports;
    this.#touchNoteMs = settings.record.touch_note_ms;
  }

  /** Comparing and recording a path is one step: the next one waits, wherever it comes from. */
  inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Resolves when all that was asked for before is done. */
  async idle(): Promise<void> {
    await this.#turn;
  }

  /** What is there before what is gone: a new path claims the old one it was renamed from. */
  seen(all: readonly Seen[]): Promise<void> {
    return this.inTurn(async () => {
      for (const one of all) if (one.snapshot !== null) await this.#emit(one, one.snapshot);
      for (const one of all) if (one.snapshot === null) await this.#emit(one, null);
    });
  }

  /** First sight of paths by a sweep that has read them already. */
  first(findings: readonly First[]): Promise<void> {
    return this.inTurn(async () => {
      for (const finding of findings) await this.#first(finding);
    });
  }

  /**
   * Stored paths that no target means any more, because the project they were in is gone: they are told of as removed,
   * as if it were known still. What is there all the same is none of our business now.
   */
  strays(paths: readonly PathKey[]): Promise<void> {
    return this.inTurn(async () => {
      for (const path of paths) await this.#stray({ path, found: true, hints: 0, bursts: 1 });
    });
  }

  /** The plan changed while they waited. Before its state is stored nobody knows what target such a path was of. */
  away(strays: readonly SettledPath[]): Promise<void> {
    const { store, recorder } = this.#ports;
    return this.inTurn(async () => {
      for (const stray of strays) {
        const isUnderWay = recorder.pending(stray.path) && store.targetOf(stray.path) === null;
        if (isUnderWay) this.#ports.hold(stray, UNDER_WAY_MS);
        else await this.#stray(stray);
      }
    });
  }

  /** True while no root of a match has a baseline: what is found may be old. */
  isFirstSight(match: Match): boolean {
    return match.roots.every((root) => !this.#ports.store.isBaselined(rootId(root)));
  }

  async #first({ path, snapshot, hops }: First): Promise<void> {
    const match = this.#ports.plan().matcher.match(path);
    // Known by now: a hint was quicker, and newer than what the sweep read.
    if (!match || this.#current(path) !== null) return;
    this.#ports.setHops(path, hops);
    if (snapshot.incomplete === "unreadable") this.#ports.onUnreadable(path, "read", "EACCES");
    const firstSight = this.isFirstSight(match);
    await this.#emit(
      { path, match, snapshot, found: true, hints: 0, bursts: 1, firstSight },
      snapshot,
    );
  }

  async #stray(of: Parameters<typeof strayOf>[0]): Promise<void> {
    const { store, plan } = this.#ports;
    const current = (path: PathKey) => this.#current(path);
    const stray = strayOf(of, { store, plan: plan(), current });
    if (stray) await this.#emit(stray, null);
  }

  async #emit(seen: Seen, snapshot: Snapshot | null): Promise<void> {
    const before = this.#current(seen.path);
    const fresh = snapshot !== null && (before?.snapshot ?? null) === null && !seen.firstSight;
    const renamed = fresh ? this.#renamedFrom(seen.path, snapshot) : null;
    const change = compare(seen, before, renamed, this.#ports.now(), this.#context());
    if (!change) return;
    if (!change.event) {
      this.#ports.record(change);
      return;
    }
    const { evidence } = change.event;
    const git_tracked =
      evidence.change_kind === "removed" ? null : await this.#ports.gitTracked(seen.path);
    this.#ports.record({
      ...change,
      event: { ...change.event, evidence: { ...evidence, git_tracked } },
    });
  }

  #current(path: PathKey): StoredState | null {
    return this.#ports.recorder.pending(path) ?? this.#ports.store.get(path);
  }

  #context() {
    const { store, hasher } = this.#ports;
    const touchNoteMs = this.#touchNoteMs;
    return { epoch: store.epoch, hasher, touchNoteMs, generationFloor: store.generationFloor() };
  }

  #renamedFrom(path: PathKey, snapshot: Snapshot): RenamedFrom | null {
    const gone: (RenameSide & { state: StoredState })[] = [];
    for (const old of this.#ports.store.byInode(snapshot.ino, snapshot.dev)) {
      const state = this.#ports.recorder.pending(old.path) ?? old.state;
      // A path no target means any more may still be there: then the new one is another name of it, not a rename.
      if (old.path === path || !state.snapshot || !isGone(old.path)) continue;
      // `rename_from` is text: of a name that is not, it would name another file, which may well be there.
      if (isRawKey(old.path)) continue;
      gone.push({ path: old.path, snapshot: state.snapshot, state });
    }
    const from = pairRenames(gone, [{ path, snapshot }]).get(path);
    const side = gone.find((old) => old.path === from);
    return side ? { path: side.path, state: side.state } : null;
  }
}
