import type { RiskAssessed } from "@sigil/core/plain";

/** Longest text of a reason that is kept when an event has to be cut, tried in this order. Characters. */
const TEXTS = [256, 64, 16];

/**
 * An assessment as an event of bounded size: each of its notices and controls has the file's path, and a repository may
 * choose that so long, in characters that JSON writes as six, that no line of the spool could hold them all. What is left
 * out is counted; score, weights and factors always stay, so that the score can be computed again.
 */
export function fitted(evidence: RiskAssessed, maxBytes: number): RiskAssessed {
  if (sizeOf(evidence) <= maxBytes) return evidence;
  const bare = shortened({ ...evidence, controls: [], notices: [] }, maxBytes);
  const room = maxBytes - sizeOf(bare);
  // Half of the room for what is on, the rest for what to know.
  const controls = first(evidence.controls, room / 2);
  const notices = first(evidence.notices, room - sizeOf(controls));
  const omitted = {
    ...evidence.omitted,
    ...counted("controls", evidence.controls.length - controls.length),
    ...counted("notices", evidence.notices.length - notices.length),
  };
  return { ...bare, omitted, controls: [...controls], notices: [...notices] };
}

/** As many as fit, in their order. */
function first<T>(list: readonly T[], room: number): readonly T[] {
  let left = room;
  const end = list.findIndex((one) => (left -= sizeOf(one) + 1) < 0);
  return end < 0 ? list : list.slice(0, end);
}

function shortened(evidence: RiskAssessed, maxBytes: number): RiskAssessed {
  let fit = evidence;
  for (const length of TEXTS) {
    if (sizeOf(fit) <= maxBytes) break;
    fit = { ...evidence, reasons: evidence.reasons.map((reason) => cut(reason, length)) };
  }
  return fit;
}

function cut(reason: RiskAssessed["reasons"][number], length: number): typeof reason {
  const texts = Object.entries(reason).flatMap(([name, value]) =>
    typeof value === "string" && name !== "kind" && name !== "factor" && value.length > length
      ? [[name, `${Array.from(value).slice(0, length).join("")}…`] as const]
      : [],
  );
  return { ...reason, ...Object.fromEntries(texts) };
}

function counted(name: string, count: number): Record<string, number> {
  return count > 0 ? { [name]: count } : {};
}

/** Bytes as JSON. */
function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
