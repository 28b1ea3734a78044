import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LONG, show, tell } from "../long.ts";
import { run, type Outcome } from "./run.ts";
import { schedules, written } from "./steps.ts";

/** A failure is run again by its seed: SIGIL_MODEL_SEED, and made small with SIGIL_MODEL_SHRINK. */
const SEED = process.env["SIGIL_MODEL_SEED"];
const RUNS = Number(process.env["SIGIL_MODEL_RUNS"] ?? (LONG ? 20 : 2));
const ROUNDS = Number(process.env["SIGIL_MODEL_ROUNDS"] ?? (LONG ? 8 : 5));
const seed =
  SEED === undefined ? (LONG ? Math.floor(Math.random() * 2 ** 31) : 20_261_075) : Number(SEED);

describe("random changes, stops, crashes and reloads", () => {
  it(
    "leave a spool whose last word on every path is what is on disk",
    async () => {
      const outcomes: Outcome[] = [];
      tell(`seed ${seed}`);
      const property = fc.asyncProperty(schedules(ROUNDS), async (schedule) => {
        try {
          outcomes.push(await run(schedule));
        } catch (error) {
          tell(`seed ${seed}, run ${outcomes.length}:\n${written(schedule)}\n${String(error)}`);
          throw error;
        }
      });
      await fc.assert(property, {
        seed,
        numRuns: RUNS,
        endOnFailure: process.env["SIGIL_MODEL_SHRINK"] === undefined,
      });
      const sum = (of: (outcome: Outcome) => number) =>
        outcomes.reduce((all, outcome) => all + of(outcome), 0);
      expect(outcomes).toHaveLength(RUNS);
      show({
        rounds: sum(({ checks }) => checks),
        lost: sum(({ lost }) => lost),
        did: {
          seed,
          steps: sum(({ steps }) => steps),
          events: sum(({ events }) => events),
          crashes: sum(({ crashes }) => crashes),
        },
      });
      expect(sum(({ lost }) => lost)).toBe(0);
    },
    LONG ? 3_600_000 : 600_000,
  );
});
