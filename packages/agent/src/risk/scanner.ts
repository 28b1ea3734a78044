import { statSync } from "node:fs";
import type { Env, Platform } from "@sigil/host";
import {
  createAssessor,
  lateGrammar,
  loadGrammar,
  TOOL_READERS,
  withWeights,
  type AssessLimits,
  type Rubric,
  type ScanOptions,
  type ScanResult,
  type Subject,
  type World,
} from "@sigil/risk";
import type { GitTracker } from "../git/index.ts";
import { loadHasher, type Hasher } from "@sigil/ports/hash";
import { grammarBytes } from "./assets.ts";
import { rememberingWorld } from "./memo.ts";
import { createWorld } from "./world.ts";

/** What an operator's policy says about risk. */
export interface RiskPolicy {
  readonly weights: Readonly<Record<string, number>>;
  readonly knownHosts: readonly string[];
}

export interface ScannerOptions {
  readonly platform: Platform;
  /** Real path. */
  readonly home: string;
  readonly env: Env;
  readonly rubric: Rubric;
  readonly policy: RiskPolicy;
  /** True when this process reads as root for someone else: links then lead to root's and that user's files only. */
  readonly privileged: boolean;
  readonly hasher?: Hasher;
  readonly limits?: Partial<AssessLimits>;
  /** What is read of one file at most. Bytes. */
  readonly allowedOf?: (path: string) => number;
  /** A file was read, and is now to be understood. */
  readonly onRead?: (path: string, bytes: number) => void;
}

/** Reads one home and its projects again and again, remembering what did not change. */
export interface HomeScanner {
  /** Runs nothing, writes nothing. @param projects real paths */
  scan(projects: readonly string[], options?: ScanOptions): Promise<ScanResult>;
}

/** Times a scan goes on because files that were read led to others git had not been asked about. */
const ROUNDS = 3;

/** @throws SIGIL_RISK_WEIGHT_UNKNOWN when the policy overrides a weight that does not exist */
export async function openScanner(options: ScannerOptions): Promise<HomeScanner> {
  const { platform, env, home, policy } = options;
  const rubric = withWeights(options.rubric, policy.weights);
  const tracked = new Map<string, boolean | null>();
  const untold = new Set<string>();
  const owner = ownerOf(home);
  const files = createWorld({
    platform,
    env,
    homeOwner: owner,
    linkOwners: options.privileged ? new Set([0, owner ?? 0]) : null,
    hasher: options.hasher ?? loadHasher(),
    tracked,
    onUntold: (path) => untold.add(path),
  });
  const world = rememberingWorld({ ...files, read: readerOf(files, options) });
  const grammar = lateGrammar(() => loadGrammar(grammarBytes()));
  const open = () =>
    createAssessor({
      world,
      grammar,
      rubric,
      knownHosts: policy.knownHosts,
      ...(options.limits ? { limits: options.limits } : {}),
    });
  let assessor = open();
  const assess = async (subject: Subject, scanOptions: ScanOptions) => {
    const result = assessor.scan(subject, scanOptions);
    if (!grammar.wanted) return result;
    await grammar.load();
    assessor = open();
    const { onProgress: _told, ...again } = scanOptions;
    return assessor.scan(subject, again);
  };
  let git: GitTracker | null = null;
  const ask = async () => {
    const paths = [...untold];
    untold.clear();
    if (paths.length > 0) git ??= await loadTracker();
    for (const path of paths) tracked.set(path, (await git?.tracked(path)) ?? null);
    return paths;
  };
  return {
    async scan(projects, scanOptions = {}) {
      const subject: Subject = { home, projects, env, systemRoot: "" };
      const changed = scanOptions.only ?? null;
      world.forget(changed);
      if (changed === null) tracked.clear();
      for (const path of changed ?? []) tracked.delete(path);
      if (changed === null) for (const path of projectFiles(subject, world)) untold.add(path);
      await ask();
      let result = await assess(subject, scanOptions);
      for (let round = 1; round < ROUNDS && untold.size > 0; round += 1) {
        const told = await ask();
        const only = changed === null ? told : [...changed, ...told];
        result = await assess(subject, { ...scanOptions, only });
      }
      return result;
    },
  };
}

function readerOf(
  files: World,
  { allowedOf, onRead }: Pick<ScannerOptions, "allowedOf" | "onRead">,
): World["read"] {
  return (path, limit) => {
    const view = files.read(path, Math.min(limit, allowedOf?.(path) ?? limit));
    if (view.kind === "read") onRead?.(path, view.facts.size);
    return view;
  };
}

/** A home without projects asks git about nothing. */
async function loadTracker(): Promise<GitTracker> {
  const { createGitTracker } = await import("../git/index.ts");
  return createGitTracker();
}

/** The guard files whose repository is asked before anything is read. */
function projectFiles(subject: Subject, world: World): string[] {
  if (subject.projects.length === 0) return [];
  return TOOL_READERS.flatMap((tool) => tool.surfaces(subject, world))
    .filter(({ project }) => project !== null)
    .map(({ path }) => path);
}

function ownerOf(home: string): number | null {
  return statSync(home, { throwIfNoEntry: false })?.uid ?? null;
}
