/**
 * The agent: watches, hashes, compares and records the guard files of AI coding agents.
 * It opens no network connection (its control socket is local), executes nothing it inspects, edits no
 * configuration and blocks no action.
 */
export { AGENT_ERRORS, type AgentErrorCode } from "./errors.ts";
export {
  CONDITIONS,
  type AgentStatus,
  type Condition,
  type ConditionCode,
} from "./health/status.ts";
export { buildProgram, main } from "./main.ts";
