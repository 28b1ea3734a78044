import { fileEvents } from "../events.ts";
import type { Agent } from "../harness.ts";
import type { Rel } from "./place.ts";
import { relOf, textRel, type Line } from "./said.ts";

interface Last {
  readonly there: boolean;
  readonly hash: string | null;
}

/**
 * What must hold of the whole spool, whatever happened: each event of a path begins where the one before it ended, and
 * nothing is told of twice but under one key. @param epochs sequences after which the state was lost
 */
export function contradictions(
  home: string,
  lines: readonly Line[],
  epochs: readonly number[],
): string[] {
  const out: string[] = [];
  const ids = new Set<string>();
  const keys = new Map<string, string>();
  let last = new Map<Rel, Last>();
  let sequence = (lines[0]?.sequence ?? 1) - 1;
  for (const line of lines) {
    if (line.sequence !== sequence + 1) out.push(`sequence ${line.sequence} follows ${sequence}`);
    if (epochs.some((epoch) => epoch >= sequence && epoch < line.sequence)) last = new Map();
    sequence = line.sequence;
    if (ids.has(line.event.event_id)) out.push(`event_id ${line.event.event_id} twice`);
    ids.add(line.event.event_id);
    const [event] = fileEvents([line.event]);
    const rel = event ? relOf(home, event) : null;
    if (!event || rel === null) continue;
    const { evidence } = event;
    const from = evidence.rename_from === null ? null : textRel(home, evidence.rename_from);
    const body = JSON.stringify([
      rel,
      evidence.change_kind,
      evidence.before_hash,
      evidence.after_hash,
    ]);
    const key = event.dedup_key ?? "";
    const repeat = keys.get(key);
    if (repeat !== undefined && repeat !== body) out.push(`${key} for ${repeat} and ${body}`);
    keys.set(key, body);
    if (repeat === undefined) {
      const before = last.get(from ?? rel);
      const fresh = ["discovered", "created", "renamed"].includes(evidence.change_kind);
      const own = last.get(rel);
      if (own && own.there === fresh)
        out.push(`${line.sequence} ${body}: ${own.there ? "was there" : "was not there"}`);
      if (before?.there && before.hash !== evidence.before_hash)
        out.push(`${line.sequence} ${body}: before is not ${before.hash}`);
    }
    if (from !== null) last.set(from, { there: false, hash: null });
    last.set(rel, { there: evidence.change_kind !== "removed", hash: evidence.after_hash });
  }
  return out;
}

/** Paths the spool tells of that never existed. @param ever every path that did */
export function neverThere(home: string, lines: readonly Line[], ever: ReadonlySet<Rel>): string[] {
  const rels = lines.flatMap(({ event }) => fileEvents([event]).map((file) => relOf(home, file)));
  return [...new Set(rels)]
    .filter((rel): rel is Rel => rel !== null && !/^\.(local|config)/.test(rel))
    .filter((rel) => !ever.has(rel))
    .map((rel) => `${JSON.stringify(rel)} was never there`);
}

/** How many events agents printed that are not in the spool: what was printed was durable. */
export function printedOnly(lines: readonly Line[], agents: readonly Agent[]): number {
  const there = new Set(lines.map(({ event }) => event.event_id));
  const printed = new Set(agents.flatMap(({ events }) => events.map(({ event_id: id }) => id)));
  return [...printed].filter((id) => !there.has(id)).length;
}
