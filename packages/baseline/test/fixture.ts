import { createMatcher, expandTargets, mergeLayers } from "@sigil/core";
import type { EffectivePolicy, ExpandContext, Expansion, Match, Matcher } from "@sigil/core";
import { BASELINE_LAYER } from "@sigil/baseline";

export type Platform = ExpandContext["platform"];
export const PLATFORMS = ["linux", "macos", "windows"] as const;

/** Variables that move or add a place. Unset they mean nothing; policies/README.md lists them for readers. */
export const OPTIONAL_VARIABLES = [
  "AMP_TOOLBOX",
  "CLAUDE_CODE_MANAGED_SETTINGS_PATH",
  "CLAUDE_CONFIG_DIR",
  "CLINE_DIR",
  "CODEX_HOME",
  "COPILOT_HOME",
  "GEMINI_CLI_HOME",
  "GEMINI_CLI_SYSTEM_DEFAULTS_PATH",
  "GEMINI_CLI_SYSTEM_SETTINGS_PATH",
  "GEMINI_CLI_TRUSTED_FOLDERS_PATH",
  "OPENCODE_CONFIG",
  "XDG_CONFIG_HOME",
  "XDG_STATE_HOME",
  "ZDOTDIR",
] as const;

const HOMES = { linux: "/home/alice", macos: "/Users/alice", windows: "C:\\Users\\alice" };

/** What every process of the platform has. */
const USUAL_ENV: Record<Platform, Record<string, string>> = {
  linux: {},
  macos: {},
  windows: { ProgramData: "C:\\ProgramData", ProgramFiles: "C:\\Program Files" },
};

/** One home and one project in it. `extra` is added to the platform's usual environment. */
export function contextOf(platform: Platform, extra: Record<string, string> = {}): ExpandContext {
  const home = HOMES[platform];
  return {
    platform,
    homes: [{ user: "alice", path: home }],
    env: { ...USUAL_ENV[platform], ...extra },
    projects: [native(platform, "~/code/app")],
  };
}

/** An environment in which each optional variable names a place of its own. */
export function movedEnv(platform: Platform): Record<string, string> {
  const root = platform === "windows" ? "D:\\moved\\" : "/moved/";
  return Object.fromEntries(OPTIONAL_VARIABLES.map((name) => [name, root + name]));
}

/** The platform's path for `~/…` (the home), `@/…` (the project) or an absolute path with `/`. */
export function native(platform: Platform, path: string): string {
  const home = HOMES[platform];
  const full = path.replace(/^@(?=\/|$)/, "~/code/app").replace(/^~/, () => home);
  return platform === "windows" ? full.replaceAll("/", "\\") : full;
}

export interface Probe {
  readonly expansion: Expansion;
  readonly matcher: Matcher;
  match(path: string): Match | null;
}

/** The baseline, or a policy built on it, as it stands on a host of the platform. */
export function probe(
  platform: Platform,
  context: ExpandContext = contextOf(platform),
  policy: EffectivePolicy = mergeLayers([BASELINE_LAYER]).policy,
): Probe {
  const expansion = expandTargets(policy.targets, context);
  const matcher = createMatcher(expansion.roots, platform);
  return { expansion, matcher, match: (path) => matcher.match(native(platform, path)) };
}
