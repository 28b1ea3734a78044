import {
  EXIT,
  print,
  printJson,
  printable,
  alignColumns,
  bytesText,
  durationText,
} from "@sigil/cli";
import { askIfRunning } from "../../control/client.ts";
import type { Config } from "../../config.ts";
import { fail } from "../../errors.ts";
import type { AgentStatus } from "../../health/status.ts";
import { readMeta } from "../../doctor/meta.ts";
import { note, type CommandContext } from "../context.ts";

export interface StatFlags {
  readonly json?: boolean;
}

/** Where the numbers are from, and of when. */
interface Stats {
  readonly source: "agent" | "last_heartbeat";
  readonly at: string;
  readonly age_s: number;
  readonly status: AgentStatus;
}

/** `sigil show stats`. @throws SIGIL_CONTROL_UNREACHABLE when no agent runs and none ever left a heartbeat */
export async function showStats({ config }: CommandContext, flags: StatFlags): Promise<number> {
  const stats = (await fromAgent(config)) ?? fromState(config);
  if (stats === null)
    throw fail("SIGIL_CONTROL_UNREACHABLE", "no agent runs, and none has left a heartbeat yet");
  if (stats.source === "last_heartbeat")
    note(`no agent runs; this is its last heartbeat, ${durationText(stats.age_s)} old`);
  if (flags.json) printJson(stats);
  else for (const line of alignColumns(rowsOf(stats))) print(line);
  return EXIT.ok;
}

async function fromAgent(config: Config): Promise<Stats | null> {
  const status = (await askIfRunning(config.paths.control, { op: "status" })) as AgentStatus | null;
  if (status === null) return null;
  return { source: "agent", at: new Date().toISOString(), age_s: 0, status };
}

function fromState(config: Config): Stats | null {
  const kept = readMeta(config.paths.state, "last_heartbeat");
  if (kept === null) return null;
  const status = JSON.parse(kept) as AgentStatus;
  const at = Date.parse(status.started_at) + status.uptime_s * 1000;
  const age = Math.max(0, Math.round((Date.now() - at) / 1000));
  return { source: "last_heartbeat", at: new Date(at).toISOString(), age_s: age, status };
}

function rowsOf({ source, status }: Stats): string[][] {
  const sweep = status.last_sweep_age_s;
  const rows: [string, string | number][] = [
    ["agent", source === "agent" ? `running, pid ${status.pid}` : "not running"],
    ["version", status.version],
    ["started", status.started_at],
    ["up", durationText(status.uptime_s)],
    ["mode", status.mode],
    ["host id", status.host_id],
    ["policy", `${status.policy_version} (${status.policy_file ?? "built-in only"})`],
    ["targets", `${status.targets}, ${status.roots} places, ${status.projects} projects`],
    ["watching", `${status.watcher_backend}, ${status.watched_directories} watches`],
    ["polling", status.polling ? "yes" : "no"],
    ["hashing", status.hasher],
    ["hash p50, p99", `${milliseconds(status.hash_p50_ms)}, ${milliseconds(status.hash_p99_ms)}`],
    ["queued", `${status.queue_depth}, ${status.settling} settling`],
    ["last sweep", sweep === null ? "none yet" : `${durationText(sweep)} ago`],
    ["sweeping", status.sweep_running ?? "no"],
    ["events", status.events_emitted_total],
    ...Object.entries(status.events_by_kind).map(([kind, count]): [string, number] => [
      `  ${kind}`,
      count,
    ]),
    ["spool", `${bytesText(status.spool.bytes)}, to sequence ${status.spool.last_sequence}`],
    ["state.db", bytesText(status.state_db_size_bytes)],
    ["memory", `${status.memory_mb} MiB`],
    ...status.conditions.map((one): [string, string] => [
      `! ${one.severity}`,
      `${one.title} ${one.detail}`,
    ]),
  ];
  return rows.map(([name, value]) => [printable(name), printable(String(value))]);
}

function milliseconds(value: number | null): string {
  return value === null ? "-" : `${value.toFixed(2)} ms`;
}
