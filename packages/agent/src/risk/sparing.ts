import type { RiskResult } from "./protocol.ts";

/** What is read of one file at most, by path. Bytes. */
export type Allowances = ReadonlyMap<string, number>;

/** A file that the assessing thread has read. */
export interface Heavy {
  readonly path: string;
  readonly bytes: number;
}

/** What it read was more than the thread had memory or time for: it is gone. */
export const OVERCOME = "overcome";
export type Answer = RiskResult | typeof OVERCOME;

export interface SparingPorts {
  ask(only: readonly string[] | null, allowed: Allowances): Promise<Answer>;
  /** What the last thread had read, its smallest files left out. */
  heavy(): readonly Heavy[];
  /** In a project, which may be anybody's: what is outside comes first. */
  isForeign(path: string): boolean;
  monotonic(): number;
  /** Time to find out in. Milliseconds. */
  readonly findMs: number;
}

export interface Sparing {
  /**
   * @param only paths whose contexts are assessed again; null: all of them
   * @throws when the thread is overcome, but not by a file
   */
  assess(only: readonly string[] | null): Promise<RiskResult>;
}

/** Groups of files tried; what is not tried by then stays out. */
const TRIALS = 48;
/** Allowances kept; the oldest goes. */
const KEPT = 10_000;
/** What was too much beside others may not be so for ever. */
const AGAIN_MS = 86_400_000;

/**
 * Assesses without the files that overcome the assessing thread. All are left out, then let in again group by group,
 * the user's own before those of projects and small before large; a group that is too much is halved, down to the file.
 * That file is told as too large, and keeps no other from being assessed. It is read again when it is half as large, so
 * that a row of edits does not cost a thread each.
 */
export function createSparing(ports: SparingPorts): Sparing {
  const allowed = new Map<string, number>();
  let since = ports.monotonic();

  function leaveOut(files: readonly Heavy[]): void {
    for (const { path, bytes } of files) {
      allowed.delete(path);
      allowed.set(path, Math.floor(bytes / 2));
    }
    for (const oldest of allowed.keys()) {
      if (allowed.size <= KEPT) break;
      allowed.delete(oldest);
    }
  }

  async function sure(only: readonly string[] | null): Promise<RiskResult> {
    const answer = await ports.ask(only, allowed);
    if (answer === OVERCOME) throw new Error("the assessing thread ran out of memory or time");
    return answer;
  }

  async function without(files: readonly Heavy[], only: readonly string[] | null) {
    const before = [...allowed];
    leaveOut(files);
    try {
      return await sure(only);
    } catch (error) {
      // None of them was it: none is blamed.
      allowed.clear();
      for (const [path, bytes] of before) allowed.set(path, bytes);
      throw error;
    }
  }

  async function find(only: readonly string[] | null): Promise<RiskResult> {
    const suspects = ports.heavy().toSorted((a, b) => a.bytes - b.bytes);
    let last: RiskResult | null = await without(suspects, only);
    const until = ports.monotonic() + ports.findMs;
    const groups = firstGroups(suspects, (path) => ports.isForeign(path));
    for (let trial = 0; trial < TRIALS && ports.monotonic() < until; trial += 1) {
      const group = groups.shift();
      if (!group) break;
      for (const { path } of group) allowed.delete(path);
      const answer = await ports.ask(only && [...only, ...group.map(({ path }) => path)], allowed);
      last = answer === OVERCOME ? null : answer;
      if (last) continue;
      leaveOut(group);
      if (group.length > 1) groups.unshift(...halves(group));
    }
    return last ?? sure(only);
  }

  return {
    async assess(only) {
      if (ports.monotonic() - since > AGAIN_MS) {
        since = ports.monotonic();
        allowed.clear();
      }
      const answer = await ports.ask(only, allowed);
      return answer === OVERCOME ? find(only) : answer;
    },
  };
}

/** Whatever a project holds, the user's own files are not kept waiting by it. */
function firstGroups(files: readonly Heavy[], isForeign: (path: string) => boolean) {
  const own = files.filter(({ path }) => !isForeign(path));
  const foreign = files.filter(({ path }) => isForeign(path));
  const groups = own.length > 0 ? [own, ...halves(foreign)] : halves(foreign);
  // One file alone has just been too much.
  return files.length > 1 ? groups.filter((group) => group.length > 0) : [];
}

function halves(files: readonly Heavy[]): (readonly Heavy[])[] {
  const middle = Math.ceil(files.length / 2);
  return [files.slice(0, middle), files.slice(middle)];
}
