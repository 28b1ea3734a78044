import type { Rel } from "./place.ts";
import type { Row, Said } from "./said.ts";
import type { Expected, Truth } from "./tree.ts";

export interface Facts {
  readonly expected: Expected;
  readonly words: ReadonlyMap<Rel, Said>;
  readonly rows: ReadonlyMap<Rel, Row>;
  /** What was said up to here was said under a state that is lost. */
  readonly epochStart: number;
  /** True for a path that the policy in force means. */
  readonly watched: (rel: Rel) => boolean;
}

/** Where spool and tree differ, in words; none at quiescence. */
export function differences(facts: Facts): string[] {
  const { expected, words, epochStart, watched } = facts;
  const out: string[] = [];
  for (const [rel, truth] of expected.paths) {
    if (isUnknown(expected, rel)) continue;
    const problem = missing(rel, truth, facts);
    if (problem !== null) out.push(`${shown(rel)}: ${problem}`);
  }
  for (const [rel, said] of words) {
    if (said.kind === "gone" || expected.paths.has(rel) || isUnknown(expected, rel)) continue;
    if (said.sequence > epochStart && watched(rel))
      out.push(`${shown(rel)}: gone, but the spool says ${JSON.stringify(said.event.evidence)}`);
  }
  return out;
}

function missing(rel: Rel, truth: Truth, facts: Facts): string | null {
  const said = facts.words.get(rel);
  if (said && said.sequence > facts.epochStart) {
    if (said.kind === "gone")
      return `there (${JSON.stringify(truth)}), but said to be gone by ${JSON.stringify([said.by.subject, said.by.evidence])}`;
    return wrong(said.event.evidence, truth);
  }
  // First sight of a standard file is silent: the state is all there is, also when its tier is raised later.
  if (truth.tier === "critical" && !rel.startsWith("pool/"))
    return `there (${JSON.stringify(truth)}), but never told of`;
  const row = facts.rows.get(rel);
  if (!row || row.gone) return `there (${JSON.stringify(truth)}), but not known`;
  if ((row.hash !== truth.hash && row.hash !== truth.large) || row.link !== truth.link)
    return `${JSON.stringify(truth)}, but known as ${JSON.stringify(row)}`;
  return null;
}

function wrong(
  evidence: Extract<Said, { kind: "there" }>["event"]["evidence"],
  truth: Truth,
): string | null {
  const said = {
    hash: evidence.after_hash,
    link: evidence.symlink_target,
    size: truth.size === null ? null : evidence.size_after,
    mode: evidence.mode_after,
    incomplete: evidence.evidence_quality === "incomplete",
  };
  const { tier: _tier, large, ...small } = truth;
  const read = large !== null && said.hash === large;
  const is = read ? { ...small, hash: large, incomplete: false } : small;
  return JSON.stringify(said) === JSON.stringify(is)
    ? null
    : `is ${JSON.stringify(is)}, said ${JSON.stringify(said)} ${evidence.change_kind}`;
}

function isUnknown(expected: Expected, rel: Rel): boolean {
  return expected.unknown.some((at) =>
    at.endsWith("\u0000") ? rel === at.slice(0, -1) : rel === at || rel.startsWith(`${at}/`),
  );
}

function shown(rel: Rel): string {
  return JSON.stringify(rel);
}
