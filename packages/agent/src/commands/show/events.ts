import { EXIT, print, printable, wantsColor, onInterrupt } from "@sigil/cli";
import { errnoOf, type Severity } from "@sigil/core/plain";
import type { Gap } from "@sigil/spool";
import { loadHasher } from "@sigil/ports/hash";
import { renderLine, type LineStyle } from "../../render/line.ts";
import { note, type CommandContext } from "../context.ts";
import type { EventFilter, Line } from "./filter.ts";
import { follow } from "./follow.ts";
import { select, type Selection } from "./select.ts";
import { parseSince } from "./since.ts";

export interface EventFlags {
  readonly lines?: number;
  readonly since?: string;
  readonly severity?: Severity;
  readonly target?: string;
  readonly kind?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

const DEFAULT_LINES = 20;
/** Characters shown of a line that is not an event. */
const RAW_SHOWN = 200;

/** `sigil show events`; also while an agent writes. @throws SIGIL_SPOOL_*, SIGIL_USAGE_INVALID */
export async function showEvents({ config }: CommandContext, flags: EventFlags): Promise<number> {
  let seen = 0;
  const want: Selection = {
    dir: config.paths.spool,
    hash: loadHasher(),
    filter: filterOf(flags),
    last: flags.lines ?? (flags.since === undefined ? DEFAULT_LINES : null),
    onSeen: (sequence) => (seen = Math.max(seen, sequence)),
    onGap: (gap) => {
      seen = Math.max(seen, gap.to);
      tellGap(gap);
    },
  };
  const style = { color: wantsColor(process.stdout), home: config.home, date: true };
  const show = (line: Line) => print(flags.json ? line.text : textOf(line, style));
  const interrupt = onInterrupt();
  const any = await showPresent(want, show, interrupt.signal);
  if (!any) note(seen === 0 ? "no events yet" : "no such events");
  if (flags.follow)
    for await (const line of follow(want, () => seen + 1, interrupt.signal)) show(line);
  return interrupt.codeOr(EXIT.ok);
}

function filterOf(flags: EventFlags): EventFilter {
  return {
    since: flags.since === undefined ? undefined : parseSince(flags.since, Date.now()),
    severity: flags.severity,
    target: flags.target,
    kind: flags.kind,
  };
}

/** @returns whether there was any */
async function showPresent(
  want: Selection,
  show: (line: Line) => void,
  signal: AbortSignal,
): Promise<boolean> {
  let any = false;
  try {
    for await (const line of select(want)) {
      if (signal.aborted) break;
      any = true;
      show(line);
    }
  } catch (error) {
    if (errnoOf(error) !== "SIGIL_SPOOL_ABSENT") throw error;
  }
  return any;
}

function tellGap({ from, to, reason }: Gap): void {
  // Evicted is what retention is for; the agent has recorded that it did.
  const which = from === to ? `event ${from}` : `events ${from} to ${to}`;
  if (reason !== "evicted") note(`${which} cannot be read (${reason})`);
}

function textOf({ event, text }: Line, style: LineStyle): string {
  const raw = () => `${"?".padEnd(23)}  ${printable(text.slice(0, RAW_SHOWN))}`;
  if (event === null) return raw();
  try {
    return renderLine(event, style);
  } catch {
    // An event of a shape this version does not know.
    return raw();
  }
}
