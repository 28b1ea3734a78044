import { EXIT, print, printJson, printable, countText } from "@sigil/cli";
import { SigilError, type SkippedPath } from "@sigil/core/plain";
import { fail } from "../errors.ts";
import { combine, type PolicyInForce } from "../policy/effective.ts";
import { loadPolicyFile, type LoadedPolicy } from "../policy/load.ts";
import { note, type CommandContext } from "./context.ts";
import { planHere } from "../doctor/places.ts";

export interface ValidateFlags {
  readonly json?: boolean;
}

/** What a valid file would do on this host. */
interface Summary {
  readonly valid: true;
  readonly file: string;
  readonly version: string;
  readonly targets: number;
  readonly overrides: number;
  readonly settings: number;
  /** Places on this host that its own targets mean. */
  readonly roots: number;
  readonly skipped: readonly SkippedPath[];
}

/** `sigil policy validate FILE`. @throws SIGIL_POLICY_*, which is exit code 3 */
export async function validatePolicy(
  context: CommandContext,
  file: string,
  flags: ValidateFlags,
): Promise<number> {
  try {
    const local = loadPolicyFile(file);
    if (!local) throw fail("SIGIL_POLICY_UNREADABLE", `there is no policy file ${file}`);
    const summary = await summarize(context, file, local, combine(local, file));
    if (flags.json) printJson(summary);
    else printSummary(summary);
    return EXIT.ok;
  } catch (error) {
    if (flags.json && error instanceof SigilError) printJson(refusal(file, error));
    throw error;
  }
}

async function summarize(
  { config }: CommandContext,
  file: string,
  { document }: LoadedPolicy,
  { policy, version }: PolicyInForce,
): Promise<Summary> {
  const plan = await planHere(config, policy);
  const own = new Set(document.targets.map((target) => target.id));
  return {
    valid: true,
    file,
    version,
    targets: document.targets.length,
    overrides: document.overrides.length,
    settings: [...policy.settingOrigins.values()].filter((origin) => origin === "local").length,
    roots: plan.roots.filter((root) => own.has(root.targetId)).length,
    skipped: plan.skipped.filter((one) => own.has(one.targetId)),
  };
}

function printSummary(summary: Summary): void {
  const counts = [
    countText(summary.targets, "target"),
    countText(summary.overrides, "override"),
    countText(summary.settings, "setting"),
  ];
  print(`${printable(summary.file)}: valid`);
  print(`  ${counts.join(", ")}; ${countText(summary.roots, "place")} on this host`);
  for (const { targetId, pattern, why, detail } of summary.skipped)
    note(printable(`${targetId}: ${pattern} means nothing here (${why}: ${detail})`));
}

/** The same as on standard error, for programs. */
function refusal(file: string, error: SigilError) {
  const place = /^(.*?):(\d+):(\d+): /s.exec(error.message);
  const at = place && { line: Number(place[2]), column: Number(place[3]) };
  const { code, message, hint } = error;
  return { valid: false, file, error: { code, message, ...at, hint: hint ?? null } };
}
