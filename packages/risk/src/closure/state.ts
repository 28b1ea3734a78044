import type { Answer, Behavior, Finding, ProgramContext, Readers } from "../model/behavior.ts";
import type { Tree } from "./tree.ts";

/** Bounds of one closure (rubric §3). Sizes in bytes. */
export interface ClosureLimits {
  readonly scriptDepth: number;
  readonly scriptFiles: number;
  readonly scriptBytes: number;
}

export const CLOSURE_LIMITS: ClosureLimits = {
  scriptDepth: 5,
  scriptFiles: 32,
  scriptBytes: 256 * 1024,
};

/** A script the closure covers. */
export interface Script {
  /** As it was reached: what a watcher must look at. */
  readonly path: string;
  /** Where that leads after links. */
  readonly realPath: string;
  readonly digest: string;
}

/** What an entry runs, all of it read and none of it run. */
export interface Closure {
  /** Of the entry and of every script, with `script_path` in those from scripts. */
  readonly findings: readonly Finding[];
  /** One of each program read, the entry first: what crosses them is joined by the caller. */
  readonly behaviors: readonly Behavior[];
  readonly answer: Answer;
  readonly scripts: readonly Script[];
  /** Folders of which it runs what a pattern takes: what comes into one is run too. */
  readonly folders: readonly string[];
  /** Paths it runs, read or not: missing ones too. */
  readonly reached: readonly string[];
  readonly escapes: readonly { readonly path: string; readonly target: string }[];
  /** Texts of the scripts read, for the search of credentials. Never leaves the package. */
  readonly texts: readonly { readonly path: string; readonly text: string }[];
  /** Why a script's modes raise the provenance factor; empty: they do not. */
  readonly exposed: readonly string[];
  /** What a digest over it covers. */
  readonly parts: readonly string[];
  /** The entry's own text was not read to its end. */
  readonly incomplete: Behavior["incomplete"];
}

/** Where a closure starts, and what it may not do. */
export interface ClosureContext {
  readonly program: ProgramContext;
  readonly tree: Tree;
  readonly limits: ClosureLimits;
  /** Files that readers looked at on the way; emptied by the caller. */
  readonly consulted: () => readonly Script[];
}

export interface State {
  readonly ctx: ClosureContext;
  readonly readers: Readers;
  readonly seen: Map<string, Answer>;
  readonly findings: Finding[];
  readonly behaviors: Behavior[];
  readonly scripts: Map<string, Script>;
  readonly folders: Set<string>;
  readonly reached: Set<string>;
  readonly escapes: { path: string; target: string }[];
  readonly texts: { path: string; text: string }[];
  readonly exposed: Set<string>;
  readonly parts: Set<string>;
}

export const SILENT: Answer = { deniesByExit: false, deniesByOutput: false, allows: "never" };
