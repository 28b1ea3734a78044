import { describe, expect, it } from "vitest";
import { qualityOf } from "../../src/index.ts";

describe("qualityOf", () => {
  const table = [
    [1, 1, 1, "incomplete"],
    [1, 1, 0, "incomplete"],
    [1, 0, 1, "incomplete"],
    [1, 0, 0, "incomplete"],
    [0, 1, 1, "delayed"],
    [0, 1, 0, "delayed"],
    [0, 0, 1, "coalesced"],
    [0, 0, 0, "definitive"],
  ] as const;
  it.each(table)(
    "incomplete %i, delayed %i, folded %i: %s",
    (incomplete, delayed, folded, word) => {
      const facts = { incomplete: incomplete === 1, delayed: delayed === 1, folded: folded === 1 };
      expect(qualityOf(facts)).toBe(word);
    },
  );
});
