import {
  alignColumns,
  bytesText,
  countText,
  durationText,
  EXIT,
  print,
  printable,
  printJson,
} from "@sigil/cli";
import { loadHasher } from "@sigil/ports/hash";
import { loadSenderConfig, type SenderConfig } from "../config.ts";
import { measureLag, type Lag } from "../lag.ts";
import { isLocked } from "../lock.ts";
import { statusFile, STREAMS, streamPlaces, type StreamName } from "../places.ts";
import { readStatus, type SenderStatus } from "../status.ts";
import type { CommandContext } from "./context.ts";

export type StatusFlags = { readonly json?: boolean };

/** What is known without asking anybody: the lock, what the sender wrote last, and the spools themselves. */
type Known = {
  readonly running: boolean;
  /** What a running sender says, else what the last one said at its end. */
  readonly last: SenderStatus | null;
  /** Measured now; null: no spool, or not readable. */
  readonly lag: Readonly<Record<StreamName, Lag | null>>;
};

/** `sigil-sender status`: needs no running sender. */
export async function status(context: CommandContext, flags: StatusFlags): Promise<number> {
  const known = await look(loadSenderConfig(context.request));
  if (flags.json) printJson({ running: known.running, lag: known.lag, status: known.last });
  else for (const line of render(known, Date.now())) print(line);
  return isWell(known) ? EXIT.ok : EXIT.negative;
}

async function look(config: SenderConfig): Promise<Known> {
  const last = await readStatus(statusFile(config));
  const running = isLocked(config.notesDir) ?? isAlive(last);
  const hash = loadHasher();
  const measure = (stream: StreamName) =>
    measureLag(streamPlaces(config, stream), { hash, now: () => Date.now() }).catch(() => null);
  const [agent, sender] = await Promise.all([measure("agent"), measure("sender")]);
  return { running, last, lag: { agent, sender } };
}

/** For those who may not open the lock. */
function isAlive(last: SenderStatus | null): boolean {
  if (last === null || last.ended_at !== null) return false;
  try {
    return process.kill(last.pid, 0);
  } catch {
    return false;
  }
}

/** Nothing to ship is well too, running or not. Notes about the sender itself are no backlog of their own. */
function isWell({ running, last, lag }: Known): boolean {
  if (!running) return (lag.agent?.events ?? 0) === 0;
  return last !== null && (last.state === "shipping" || last.state === "idle");
}

function render(known: Known, now: number): string[] {
  const { last, lag } = known;
  const rows: string[][] = [["sender", senderText(known, now)]];
  if (last !== null) {
    rows.push(["server", last.server], ["host", last.host_id], ["state", stateText(known, last)]);
    rows.push(["certificate", certificateText(last, now)], ["policy", policyText(last)]);
  }
  for (const stream of STREAMS) rows.push([`${stream}'s events`, lagText(lag[stream])]);
  const lines = alignColumns(rows.map((row) => row.map(printable)));
  const conditions = known.running ? (last?.conditions ?? []) : [];
  if (conditions.length === 0) return lines;
  const table = conditions.map(({ severity, code, title, detail }) => [
    severity,
    code,
    printable(`${title} ${detail}`),
  ]);
  return [...lines, "", "conditions", ...alignColumns(table, "  ")];
}

function senderText({ running, last }: Known, now: number): string {
  if (!running) {
    const ended = last?.ended_at ?? null;
    return ended === null ? "not running" : `not running, ended ${ago(ended, now)}`;
  }
  if (last === null) return "running";
  const up = durationText((now - Date.parse(last.started_at)) / 1000);
  const stale =
    now - Date.parse(last.updated_at) > STALE_MS ? `, silent since ${last.updated_at}` : "";
  return `running, pid ${last.pid}, version ${last.version}, up ${up}${stale}`;
}

/** A sender that writes its status every few seconds and did not for so long hangs. Milliseconds. */
const STALE_MS = 60_000;

function stateText({ running }: Known, last: SenderStatus): string {
  const { agent, sender } = last.streams;
  const worst = agent.state === last.state ? agent : sender;
  const why = [worst.reason, worst.detail].filter((part) => part !== null).join(": ");
  const text = why === "" ? last.state : `${last.state} (${why})`;
  return running ? text : `last ${text}`;
}

function lagText(lag: Lag | null): string {
  if (lag === null) return "no spool yet, or not readable by this user";
  if (lag.events === 0) return "all delivered";
  const size = `${countText(lag.events, "event")}, ${bytesText(lag.bytes)}`;
  return `${size} to deliver, the oldest ${durationText(lag.age_s)} old`;
}

function certificateText({ certificate }: SenderStatus, now: number): string {
  if (certificate.problem !== null) return certificate.problem;
  const left = (Date.parse(certificate.not_after) - now) / 1000;
  return `until ${certificate.not_after}, ${durationText(left)} left`;
}

function policyText({ policy }: SenderStatus): string {
  if (policy.outcome === null)
    return policy.asked_at === null ? "not asked for yet" : "none handed over yet";
  const version = policy.version === null ? "" : `version ${policy.version}, `;
  const reason = policy.reason === null ? "" : ` (${policy.reason})`;
  return `${version}${policy.outcome}${reason} at ${policy.answered_at}`;
}

function ago(time: string, now: number): string {
  return `${durationText((now - Date.parse(time)) / 1000)} ago`;
}
