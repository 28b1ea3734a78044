import type { AssessLimits } from "./assess/limits.ts";
import { ASSESS_LIMITS } from "./assess/limits.ts";
import { assessFile } from "./assess/file.ts";
import { createCommandReader, treeOf } from "./assess/commands.ts";
import { createFileReader, type ReadFile } from "./assess/files.ts";
import { createHarm } from "./assess/harm.ts";
import { createMemory, type Memory, type Unit } from "./assess/memory.ts";
import { createRecorder, type Recorder } from "./assess/recorder.ts";
import { type Counted, type ScanSummary, summaryOf } from "./assess/summary.ts";
import { flowsOf } from "./assess/flows.ts";
import { messageless } from "./assess/failure.ts";
import { type Settled, settleContext, twinsOf } from "./assess/context.ts";
import type { Assessment } from "./model/assessment.ts";
import type { ProgramContext, Readers } from "./model/behavior.ts";
import type { Surface } from "./model/surface.ts";
import type { Subject, Tool } from "./model/tool.ts";
import type { World } from "./model/world.ts";
import { createReaders } from "./program.ts";
import type { Rubric } from "./rubric.ts";
import { type FileContext, isCheckedIn } from "./rules/context.ts";
import type { Harm } from "./rules/permission.ts";
import type { LateGrammar } from "./assess/late.ts";
import type { Grammar } from "./shell/grammar.ts";
import { TOOL_READERS } from "./tools/index.ts";

export interface AssessorOptions {
  readonly world: World;
  /** A late one may be wanted after a scan, whose result then says nothing. */
  readonly grammar: Grammar | LateGrammar;
  readonly rubric: Rubric;
  /** Hosts the operator knows, whole or as suffix. */
  readonly knownHosts: readonly string[];
  /** All four by default. */
  readonly tools?: readonly Tool[];
  readonly limits?: Partial<AssessLimits>;
}

export interface ScanOptions {
  /** Assess again only what these paths are part of; the rest is as the last scan told it. Absolute. */
  readonly only?: readonly string[];
  /** Assessments told before, by {@link assessmentKey}: what is not in them is `new`. */
  readonly previous?: ReadonlyMap<string, Pick<Assessment, "reasons">>;
  /** Called before each guard file is read. */
  readonly onProgress?: (surface: Surface) => void;
}

export interface ScanResult {
  readonly rubricVersion: string;
  /** One per guard file and owning tool: those of the user first, then by project. */
  readonly assessments: readonly Assessment[];
  readonly summary: ScanSummary;
  /** Every path that decides something: guard files, records, scripts, and where links lead. Sorted. */
  readonly watched: readonly string[];
}

/** Assesses again and again, remembering what did not change. */
export interface Assessor {
  /** Reads everything, runs nothing. Never throws on what it reads; bounded by {@link AssessLimits}. */
  scan(subject: Subject, options?: ScanOptions): ScanResult;
}

export function assessmentKey({ tool, path }: Pick<Assessment, "tool" | "path">): string {
  return `${tool}\0${path}`;
}

interface Ports {
  readonly options: AssessorOptions;
  readonly limits: AssessLimits;
  readonly recorder: Recorder;
  readonly readers: Readers;
  readonly harmful: Harm;
}

export function createAssessor(options: AssessorOptions): Assessor {
  const limits = { ...ASSESS_LIMITS, ...options.limits };
  const recorder = createRecorder(options.world);
  const readers = createReaders(recorder.world, options.grammar);
  const { knownHosts, tools = TOOL_READERS, world } = options;
  const harmful = createHarm(readers, () => bareProgram(knownHosts, world.now() + limits.fileMs));
  const ports: Ports = { options, limits, recorder, readers, harmful };
  const readFiles = createFileReader(recorder, limits);
  const isWanted = () => "wanted" in options.grammar && options.grammar.wanted;
  const readCommands = createCommandReader({ recorder, readers, knownHosts, limits, isWanted });
  const memory = createMemory();
  return {
    scan(subject, scanOptions = {}) {
      const units = tools.map((tool) => unitOf(tool, subject, world));
      const affected = memory.affected(units, subject.projects, scanOptions.only ?? null);
      const settled = units.flatMap(({ tool, surfaces }) => {
        const projects = affected.get(tool.id) ?? [];
        if (projects.length === 0) return [];
        const files = readFiles(tool, surfaces, (surface) => scanOptions.onProgress?.(surface));
        return projects.map((project) =>
          settleContext(tool, project, files, recorder.world, readCommands),
        );
      });
      if (isWanted()) return resultOf(memory, options.rubric);
      const twins = twinsOf(settled);
      for (const one of settled)
        memory.keep(one.tool.id, one.project, {
          counted: assessContext(
            one,
            twins.get(one.project ?? "") ?? new Set(),
            scanOptions,
            ports,
          ),
          paths: pathsOf(one),
        });
      return resultOf(memory, options.rubric);
    },
  };
}

function unitOf(tool: Tool, subject: Subject, world: World): Unit {
  return { tool, surfaces: messageless(() => tool.surfaces(subject, world), []) };
}

function assessContext(
  settled: Settled,
  twins: ReadonlySet<string>,
  { previous }: ScanOptions,
  { options, limits, recorder, harmful }: Ports,
): Counted[] {
  const { world } = recorder;
  const { commands, effective, entries, told } = settled;
  const own = new Set(told.flatMap((file) => commands.get(file) ?? []));
  const program = bareProgram(options.knownHosts, world.now() + limits.fileMs);
  const [first] = told;
  const home = first?.surface.home ?? "";
  const where = { ...program, home, project: settled.project, cwd: settled.project };
  const flows = flowsOf([...commands.values()].flat(), own, where);
  return told.map((file) => {
    const { surface, reading, facts, contentHash } = file;
    const context: FileContext = {
      surface,
      reading,
      facts,
      entries: entries.get(surface.path) ?? [],
      commands: commands.get(file) ?? [],
      effective,
      world,
      knownHosts: options.knownHosts,
      // Asked only by the rules it matters to: whoever answers may have to look into a repository first.
      get tracked() {
        return world.tracked(surface.path);
      },
      twins,
    };
    const key = assessmentKey(surface);
    const assessment = assessFile(context, {
      rubric: options.rubric,
      limits,
      contentHash,
      previous: previous?.get(key)?.reasons ?? null,
      judging: { tree: treeOf(surface), harmful, flows },
    });
    return { assessment, checkedIn: isCheckedIn(context) };
  });
}

function bareProgram(knownHosts: readonly string[], deadline: number): ProgramContext {
  return {
    cwd: null,
    home: "/home/user",
    project: null,
    variables: {},
    stdin: null,
    args: [],
    knownHosts,
    depth: ASSESS_LIMITS.codeDepth,
    deadline,
  };
}

/** Guard files, records, and what their commands reach, missing ones too: a file that appears there changes something. */
function pathsOf({ commands }: Settled): string[] {
  const paths = new Set<string>();
  const add = ({ surface, facts }: ReadFile) => paths.add(surface.path).add(facts.realPath);
  for (const [file, started] of commands) {
    add(file);
    for (const { closure } of started) {
      for (const { path, realPath } of closure.scripts) paths.add(path).add(realPath);
      for (const folder of closure.folders) paths.add(`${folder}/`);
      for (const path of closure.reached) if (path.startsWith("/")) paths.add(path);
    }
  }
  return [...paths];
}

function resultOf(memory: Memory, rubric: Rubric): ScanResult {
  const contexts = memory.all();
  const seen = new Set<string>();
  const counted = contexts
    .flatMap((one) => one.counted)
    .filter(({ assessment }) => {
      const key = assessmentKey(assessment);
      return !seen.has(key) && seen.add(key);
    });
  return {
    rubricVersion: String(rubric.version),
    assessments: counted.map(({ assessment }) => assessment),
    summary: summaryOf(counted, rubric),
    watched: [...new Set(contexts.flatMap(({ paths }) => paths))].toSorted(),
  };
}
