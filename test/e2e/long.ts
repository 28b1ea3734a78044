import { appendFileSync } from "node:fs";
import { expect } from "vitest";

/** The long run: `npm run test:long`. */
export const LONG = process.env["SIGIL_TEST_LONG"] !== undefined;

/** What the long run reports of a test: how often it went round, what it did, what was lost. */
export interface Shown {
  readonly rounds: number;
  /** Counted apart from the agent, against the events; left out where nothing can be lost. */
  readonly lost?: number;
  /** What was done in numbers: files, events, bytes, seconds. */
  readonly did: Readonly<Record<string, number | string>>;
}

/** One line for whoever runs the tests, and one row of the report of the long run. */
export function show(shown: Shown): void {
  const test = expect.getState().currentTestName ?? "";
  const did = Object.entries(shown.did).map(([what, count]) => `${what} ${count}`);
  const lost = shown.lost === undefined ? [] : [`lost ${shown.lost}`];
  tell([`${shown.rounds} rounds`, ...did, ...lost].join(", "));
  const report = process.env["SIGIL_LONG_REPORT"];
  if (report !== undefined) appendFileSync(report, `${JSON.stringify({ test, ...shown })}\n`);
}

/** Figures for whoever runs the tests. */
export function tell(figures: string): void {
  process.stderr.write(`${expect.getState().currentTestName}: ${figures}\n`);
}

/** A small seeded generator of numbers from 0 to 1: a failure can be run again. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
