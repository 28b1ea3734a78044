import { defineErrors, errorFactory } from "@sigil/core/plain";

/** Every failure the agent can report; `docs/reference/errors.md` is generated from this table. */
export const AGENT_ERRORS = defineErrors({
  SIGIL_POLICY_UNREADABLE: {
    summary: "The policy file cannot be read.",
    hint: "check that the file exists and that this user may read it",
  },
  SIGIL_POLICY_SYNTAX: {
    summary: "The policy is not valid YAML.",
    hint: "mend the line named; `sigil policy validate FILE` checks it again",
  },
  SIGIL_POLICY_INVALID: {
    summary: "The policy is YAML, but not a valid policy.",
    hint: "the keys and their values are described in docs/reference/policy.md",
  },
  SIGIL_POLICY_UNKNOWN_KEY: {
    summary: "The policy has a key that does not exist.",
    hint: "check the spelling; the keys are listed in docs/reference/policy.md",
  },
  SIGIL_POLICY_DUPLICATE_ID: {
    summary: "Two targets have the same id.",
    hint: "rename one; to change a built-in target, use `overrides`",
  },
  SIGIL_POLICY_UNKNOWN_OVERRIDE: {
    summary: "An override names a target that does not exist.",
    hint: "`sigil show config` lists the ids of all targets",
  },
  SIGIL_POLICY_LOCKED: {
    summary: "A local policy tries to weaken what a signed policy sets.",
    hint: "ask whoever signs your policies, or remove the entry",
  },
  SIGIL_POLICY_TOO_LARGE: {
    summary: "The policy file is larger than a policy can be.",
    hint: "split the work: a policy holds targets, not data",
  },
  SIGIL_SIGNED_NOT_KEPT: {
    summary: "A signed policy cannot be written to disk, so it was not applied.",
    hint: "make room on the disk of the state database, and check who owns its directory",
  },
  SIGIL_STATE_UNUSABLE: {
    summary: "The state database cannot be opened or written.",
    hint: "run `sigil doctor`; a damaged database is set aside and built again at the next start",
  },
  SIGIL_STATE_NEWER: {
    summary: "The state database was made by a newer version.",
    hint: "install that version again, or move the file aside",
  },
  SIGIL_AGENT_RUNNING: {
    summary: "Another agent already works on this spool or this state database.",
    hint: "stop it first, or give this one its own --events-dir, --state-db and XDG_RUNTIME_DIR",
  },
  SIGIL_AGENT_FAILED: {
    summary: "A part of the agent failed and could not be restarted.",
    hint: "the log and the last `agent_dying` event say which part; `sigil doctor` may say why",
  },
  SIGIL_CONTROL_UNREACHABLE: {
    summary: "No agent answers on the control socket.",
    hint: "start one with `sigil run`, or pass the --mode it runs in",
  },
  SIGIL_CONTROL_REFUSED: {
    summary: "The agent refused a request on the control socket.",
    hint: "both must be of the same version: compare `sigil version` with `sigil show stats`",
  },
  SIGIL_CONTROL_BUSY: {
    summary: "The agent is checking another delivery of signed policy.",
    hint: "ask again in a moment: one delivery is taken at a time",
  },
  SIGIL_CONTROL_SOCKET: {
    summary: "The control socket cannot be made.",
    hint: "check whether another agent has it, and the runtime directory's owner and mode",
  },
});

export type AgentErrorCode = keyof typeof AGENT_ERRORS;

export const fail = errorFactory(AGENT_ERRORS);
