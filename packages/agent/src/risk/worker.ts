import { parentPort } from "node:worker_threads";
import { RUBRIC } from "@sigil/baseline/rubric";
import { messageOf } from "@sigil/core/plain";
import { isBelow } from "../fs/keys.ts";
import { loadHasher } from "@sigil/ports/hash";
import { realDirectory } from "./projects.ts";
import type { FromRiskWorker, RiskPlan, RiskResult, ToRiskWorker } from "./protocol.ts";
import { openScanner, type HomeScanner } from "./scanner.ts";
import type { Allowances } from "./sparing.ts";

interface Home {
  readonly path: string;
  readonly projects: readonly string[];
  readonly scanner: HomeScanner;
}

const port = parentPort;
/** One thing at a time: a plan that comes during an assessment is for the next one. */
let turn: Promise<unknown> = Promise.resolve();
let homes: readonly Home[] = [];
let allowed: Allowances = new Map();
/** Files told of, with the size they had. */
const told = new Map<string, number>();

/** Smaller files are not told of: a thousand of them are no megabyte. */
const HEAVY_BYTES = 1024;

async function load(plan: RiskPlan): Promise<readonly Home[]> {
  const hasher = loadHasher(plan.hasher);
  const found: Home[] = [];
  const real = plan.homes.flatMap((home) => realDirectory(home) ?? []);
  for (const path of new Set(real)) {
    const scanner = await openScanner({
      platform: plan.platform,
      home: path,
      env: plan.env,
      rubric: RUBRIC,
      policy: { weights: plan.weights, knownHosts: plan.knownHosts },
      privileged: plan.privileged,
      hasher,
      limits: {
        fileBytes: plan.settings.file_max_bytes,
        fileMs: plan.settings.file_deadline_ms,
        scriptDepth: plan.settings.script_depth,
        scriptFiles: plan.settings.script_files,
        scriptBytes: plan.settings.script_max_bytes,
      },
      allowedOf: (file) => allowed.get(file) ?? Number.POSITIVE_INFINITY,
      onRead,
    });
    found.push({ path, scanner, projects: projectsOf(plan, path, real) });
  }
  return found;
}

function onRead(path: string, bytes: number): void {
  if (bytes < HEAVY_BYTES || told.get(path) === bytes) return;
  told.set(path, bytes);
  send({ op: "reads", path, bytes });
}

/** A project below a home is that user's; one elsewhere may be anybody's. */
function projectsOf(plan: RiskPlan, home: string, all: readonly string[]): string[] {
  return plan.projects.filter(
    (project) => isBelow(project, home) || !all.some((other) => isBelow(project, other)),
  );
}

async function assess(only: readonly string[] | null): Promise<RiskResult> {
  const assessed: RiskResult["assessed"][number][] = [];
  const totals: RiskResult["totals"][number][] = [];
  const watched = new Set<string>();
  for (const { path, projects, scanner } of homes) {
    const result = await scanner.scan(projects, only === null ? {} : { only });
    for (const assessment of result.assessments) assessed.push({ home: path, assessment });
    totals.push(...result.summary.projects);
    for (const one of result.watched) watched.add(one);
  }
  return { assessed, totals, watched: [...watched] };
}

async function handle(message: ToRiskWorker): Promise<void> {
  if (message.op === "plan") {
    homes = await load(message.plan);
    return;
  }
  allowed = message.allowed;
  try {
    send({ op: "assessed", id: message.id, result: await assess(message.only) });
  } catch (error) {
    send({ op: "failed", id: message.id, message: messageOf(error) });
  }
}

function send(message: FromRiskWorker): void {
  port?.postMessage(message);
}

port?.on("message", (message: ToRiskWorker) => {
  turn = turn.then(() => handle(message));
  // A plan that cannot be loaded ends the thread: the client hears of it.
  turn.catch((error: unknown) => {
    throw error;
  });
});
