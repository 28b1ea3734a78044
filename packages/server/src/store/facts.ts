/** What the server reads out of the few events it keeps a summary of; every field may be anything a host wrote. */
export type RiskFacts = {
  readonly tool: string;
  readonly scope: string;
  /** Null for a running session. */
  readonly path: string | null;
  /** What tells this guard file, or this session, from others of the tool. */
  readonly item: string;
  readonly score: number;
  readonly band: string;
  /** The file is gone: it has no assessment any more. */
  readonly isGone: boolean;
};

const BANDS = new Set(["low", "medium", "high", "critical"]);
const MAX_NAME = 128;
const MAX_PATH = 4096;

type Fields = Readonly<Record<string, unknown>>;

/** The assessment in an `ai_guard_risk_assessed` event, or null when it has not the form of one. */
export function riskOf(line: Uint8Array): RiskFacts | null {
  const event = fieldsOf(line);
  const evidence = recordIn(event, "evidence");
  const { tool, scope, score, band } = evidence;
  if (typeof tool !== "string" || typeof scope !== "string" || typeof score !== "number")
    return null;
  if (!(score >= 0 && score <= 10) || typeof band !== "string" || !BANDS.has(band)) return null;
  const path = stringIn(evidence, "path");
  return {
    tool: tool.slice(0, MAX_NAME),
    scope: scope.slice(0, MAX_NAME),
    path: path === null ? null : path.slice(0, MAX_PATH),
    item: (path ?? subjectOf(event)).slice(0, MAX_PATH),
    score,
    band,
    isGone: path !== null && score === 0 && evidence["content_hash"] === null,
  };
}

/** `evidence.policy_version` of a heartbeat. */
export function policyVersionOf(line: Uint8Array): string | null {
  return (
    stringIn(recordIn(fieldsOf(line), "evidence"), "policy_version")?.slice(0, MAX_NAME) ?? null
  );
}

export function agentVersionOf(line: Uint8Array): string | null {
  return stringIn(fieldsOf(line), "agent_version")?.slice(0, MAX_NAME) ?? null;
}

function subjectOf(event: Fields): string {
  const subject = recordIn(event, "subject");
  const { pid, value } = subject;
  if (typeof value === "string") return value;
  return typeof pid === "number" ? `pid:${pid}` : String(stringIn(subject, "kind"));
}

/** Of a line that was admitted; one that is not JSON after all has no fields. */
function fieldsOf(line: Uint8Array): Fields {
  try {
    return asRecord(JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString()));
  } catch {
    return {};
  }
}

function recordIn(fields: Fields, name: string): Fields {
  return asRecord(fields[name]);
}

function stringIn(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === "string" ? value : null;
}

function asRecord(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
