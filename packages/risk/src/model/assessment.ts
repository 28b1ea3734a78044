import type { Executor, Scope, ToolId } from "./surface.ts";

export const FACTORS = ["boundary", "content", "matcher", "provenance"] as const;
export type Factor = (typeof FACTORS)[number];

/** Kinds of rubric §2, in the order of its table. */
export const REASON_KINDS = [
  "destructive_in_hook",
  "exfiltration_in_hook",
  "fetch_and_execute_in_hook",
  "guard_tampering_in_hook",
  "traffic_redirect",
  "loader_injection",
  "git_config_exec",
  "persistence_in_hook",
  "auto_approve_hook",
  "credential_access_in_hook",
  "obfuscated_command",
  "privilege_escalation_in_hook",
  "unscanned_script",
  "embedded_secret",
  "helper_command",
  "instruction_directive",
  "no_sandbox",
  "sandbox_disabled",
  "sandbox_escape_hatch",
  "sandbox_too_wide",
  "trust_too_wide",
  "broad_matcher",
  "hook_on_open",
  "permissions_allow_broad",
  "permissions_deny_empty",
  "auto_approval_enabled",
  "mcp_server_auto_approved",
  "mcp_server_ephemeral_host",
  "mcp_server_cleartext",
  "mcp_server_remote",
  "mcp_launcher_transient_path",
  "mcp_launcher_shell",
  "mcp_server_unpinned",
  "mcp_server_local_command",
  "self_approval",
  "dangerous_session_flag",
  "unassessed",
  "guard_path_lookalike",
  "path_escape",
  "not_approved",
] as const;
export type ReasonKind = (typeof REASON_KINDS)[number];

export type PayloadValue = string | number | boolean | null;

/** A rubric hit. Payload fields stand between `kind` and `factor`, as the wire shows them; all are redacted. */
export interface Reason {
  readonly kind: ReasonKind;
  readonly payload: Readonly<Record<string, PayloadValue>>;
  readonly factor: Factor;
  readonly weight: number;
  /** Not in the previous assessment of this file; true when there is none. */
  readonly new: boolean;
}

/** A defence that is on. */
export interface Control {
  readonly id: string;
  readonly path: string;
  readonly setting: string;
  readonly value: string;
}

/** A setting without effect, or something about the file its owner should know. */
export interface Notice {
  /** Kebab-case: `dead-rule`, `duplicate-key`, `wrong-type`, `parse-error`, `not-observable`, `guard-in-name-only`, … */
  readonly id: string;
  readonly path: string;
  readonly setting: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

export type Band = "low" | "medium" | "high" | "critical";

export interface Provenance {
  readonly multiplier: number;
  readonly why: readonly string[];
}

/** One guard file's result for the tool that owns it. */
export interface Assessment {
  readonly tool: ToolId;
  readonly scope: Scope;
  /** Absolute, as the tool names it. */
  readonly path: string;
  /** Where it leads after links; equal to `path` without any. */
  readonly realPath: string;
  readonly project: string | null;
  readonly executors: readonly Executor[];
  readonly contentHash: string | null;
  /** Digest over the normalised model and every script its hooks reach. */
  readonly closureHash: string;
  /** Scripts the closure covers: they become watch targets. Absolute paths; a folder of which everything is run ends with a slash. */
  readonly scripts: readonly string[];
  readonly score: number;
  readonly band: Band;
  readonly reasons: readonly Reason[];
  /** Reasons beyond the eight a kind lists and counts. */
  readonly omitted: Readonly<Partial<Record<ReasonKind, number>>>;
  readonly provenance: Provenance;
  readonly controls: readonly Control[];
  readonly notices: readonly Notice[];
  /** Digest of the normalised model alone: a rewrite that leaves it is no news. */
  readonly modelHash: string;
  /** What drift is measured on: id of each control, guard and deny rule that is on. */
  readonly guards: readonly Guarded[];
  /** Closure of each hook and server, so that a script patched behind an unchanged entry is seen (rubric §4). */
  readonly closures: readonly EntryClosure[];
}

/** One hook or server and everything it runs. */
export interface EntryClosure {
  /** `guard`: a hook that can deny and has no content reason. */
  readonly kind: "guard" | "hook" | "server";
  /** Stable while its place stays: `PreToolUse|Bash|0`, or the server's name. */
  readonly id: string;
  readonly digest: string;
}

/** A defence as drift sees it. */
export interface Guarded {
  readonly kind: "toggle" | "deny-rule" | "hook-deny" | "hook" | "fail-closed";
  readonly id: string;
  readonly label: string;
}
