/** What `scan`, `explain` and `show risk` share. */
import { wantsColor, startProgress, usageError } from "@sigil/cli";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { RUBRIC } from "@sigil/baseline/rubric";
import { messageOf, SigilError } from "@sigil/core/plain";
import type { ScanResult } from "@sigil/risk";
import type { Acceptance } from "@sigil/risk/speak";
import type { PageStyle } from "../render/paint.ts";
import { environmentOf } from "../risk/environment.ts";
import { projectsOf, realDirectory } from "../risk/projects.ts";
import { openScanner, type RiskPolicy } from "../risk/scanner.ts";
import { note, type CommandContext } from "./context.ts";

/** Whom a command is about. */
export interface Whose {
  /** Real path. */
  readonly home: string;
  readonly isOwn: boolean;
}

/** What the policy file of this machine says for a scan. */
interface Operator extends RiskPolicy {
  readonly accepted: readonly Acceptance[];
  /** Projects under its workspaces. */
  readonly workspaces: readonly string[];
}

export interface Scanned {
  readonly result: ScanResult;
  readonly home: string;
  readonly projects: readonly string[];
  readonly accepted: readonly Acceptance[];
}

/** The home that is meant. @throws SIGIL_USAGE_INVALID when it is no directory */
export function homeOf({ config }: CommandContext, flag: string | undefined): Whose {
  const named = flag === undefined ? config.home : resolve(flag);
  const home = existing(named, "home");
  return { home, isOwn: home === realDirectory(config.home) };
}

/** @throws SIGIL_USAGE_INVALID when there is no such directory */
export function existing(path: string, option: "home" | "project"): string {
  const real = realDirectory(path);
  if (real !== null) return real;
  const what = existsSync(path) ? `${path} is no directory` : `there is no directory ${path}`;
  const hint =
    option === "home"
      ? "--home takes the home directory of the user whose tools are looked at"
      : "--project takes the root directory of a project";
  throw usageError(what, { hint });
}

/**
 * Scans, with progress on standard error.
 * @param given real paths of the projects asked for; `also` come on top of what is found
 * @throws SIGIL_POLICY_* when the user named a policy that cannot be used
 */
export async function scanFor(
  context: CommandContext,
  { home, isOwn }: Whose,
  { given, also = [] }: { readonly given: readonly string[]; readonly also?: readonly string[] },
): Promise<Scanned> {
  const { config } = context;
  const operator = await operatorOf(context, home);
  const { workspaces } = operator;
  const search = { home, given, workspaces, cwd: realDirectory(process.cwd()) };
  const projects = [...new Set([...projectsOf(search), ...also])];
  const progress = startProgress((files) => `assessed ${files} files`);
  try {
    const scanner = await openScanner({
      platform: config.platform,
      home,
      env: environmentOf(config.env, isOwn),
      rubric: RUBRIC,
      policy: operator,
      // Root that looks at someone's home must not be led by their links; root at home is led by its own.
      privileged: process.geteuid?.() === 0 && (config.mode === "system" || !isOwn),
    });
    const result = await scanner.scan(projects, { onProgress: () => progress.add(1) });
    return { result, home, projects, accepted: operator.accepted };
  } finally {
    progress.end();
  }
}

const NOBODY: Operator = { weights: {}, knownHosts: [], accepted: [], workspaces: [] };

/** No policy is needed: the schema and YAML libraries are loaded only when there is one. */
async function operatorOf(context: CommandContext, home: string): Promise<Operator> {
  const { config, policyRequired } = context;
  const { policy, trust } = config.paths;
  if (!policyRequired && !existsSync(policy) && !existsSync(trust)) return NOBODY;
  try {
    const [{ policyOf }, { riskPolicyOf }] = await Promise.all([
      import("./layers.ts"),
      import("../risk/policy.ts"),
    ]);
    return riskPolicyOf(config, await policyOf(context), home);
  } catch (error) {
    if (policyRequired || !(error instanceof SigilError)) throw error;
    note(`the policy is not used: ${messageOf(error)}`);
    return NOBODY;
  }
}

/** @param color false: asked for none */
export function pageStyle(home: string, color: boolean): PageStyle {
  const { isTTY, columns } = process.stdout;
  return {
    color: color && wantsColor(process.stdout),
    width: isTTY ? (columns ?? 80) : null,
    home,
  };
}
