import type { Root } from "@sigil/core";
import { describe, expect, it } from "vitest";
import { basesOf, Truncated } from "../../src/health/truncated.ts";

function root(base: string): Root {
  return {
    targetId: base,
    tier: "standard",
    base,
    pattern: null,
    recursive: true,
    followSymlinks: true,
    exclude: [],
    user: null,
    project: null,
  };
}

describe("Truncated", () => {
  const [large, small] = [root("/large"), root("/small")];

  it("tells of a root once, however often it is swept", () => {
    const truncated = new Truncated();
    expect(truncated.swept([large, small], [large])).toEqual([large]);
    expect(truncated.swept([large, small], [large])).toEqual([]);
    expect(truncated.roots).toEqual([large]);
  });

  it("is not over because a sweep of other roots reached its end", () => {
    const truncated = new Truncated();
    truncated.swept([large], [large]);
    truncated.swept([small], []);
    expect(truncated.roots).toEqual([large]);
  });

  it("is over when a sweep reaches the root's end, and told of again after that", () => {
    const truncated = new Truncated();
    truncated.swept([large], [large]);
    truncated.swept([large], []);
    expect(truncated.roots).toEqual([]);
    expect(truncated.swept([large], [large])).toEqual([large]);
  });
});

describe("basesOf", () => {
  it("names each place once, and of very many the first and how many more there are", () => {
    expect(basesOf([root("/a"), root("/b"), root("/a")])).toBe("/a, /b");
    const many = Array.from({ length: 20 }, (_, index) => root(`/${index}`));
    expect(basesOf(many)).toBe("/0, /1, /2, /3, /4, /5, /6, /7 and 12 more");
  });
});
