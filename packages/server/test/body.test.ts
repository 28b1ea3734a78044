import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createBodyBudget, readBody } from "../src/body.ts";

describe("a body", () => {
  const limits = (maxBytes: number, budget = createBodyBudget(1000)) => ({ maxBytes, budget });

  describe("when it is whole", () => {
    it("is in memory until it is released", async () => {
      const stream = new PassThrough();
      const { budget, maxBytes } = limits(100);
      const body = readBody(stream, undefined, { budget, maxBytes });
      stream.write("one ");
      stream.end("two");
      const read = await body;
      if (read.kind !== "body") throw new Error(read.kind);
      expect(read.bytes.toString()).toBe("one two");
      expect(budget.used).toBe(7);
      read.release();
      expect(budget.used).toBe(0);
    });
  });

  describe("when its length says too much", () => {
    it("is refused unread", async () => {
      const stream = new PassThrough();
      expect(await readBody(stream, "101", limits(100))).toMatchObject({
        problem: "batch-too-large",
      });
    });
  });

  describe("when it turns out to be too much", () => {
    it("is refused, and its memory given back", async () => {
      const stream = new PassThrough();
      const { budget, maxBytes } = limits(10);
      const body = readBody(stream, "3", { budget, maxBytes });
      stream.write("12345678");
      stream.write("12345678");
      expect(await body).toMatchObject({ problem: "batch-too-large" });
      expect(budget.used).toBe(0);
    });
  });

  describe("when others take all memory there is", () => {
    it("is sent away for a while", async () => {
      const budget = createBodyBudget(10);
      budget.take(8);
      const stream = new PassThrough();
      const body = readBody(stream, undefined, limits(100, budget));
      stream.write("123");
      expect(await body).toMatchObject({ problem: "overloaded", retryAfter: 1 });
      expect(budget.used).toBe(8);
    });
  });

  describe("when its client goes away", () => {
    it.each([
      ["with an error", new Error("reset")],
      ["without", undefined],
    ])("%s: ends, and its memory is given back", async (_name, error) => {
      const stream = new PassThrough();
      const { budget, maxBytes } = limits(100);
      const body = readBody(stream, undefined, { budget, maxBytes });
      stream.write("123");
      stream.destroy(error);
      expect(await body).toEqual({ kind: "aborted" });
      expect(budget.used).toBe(0);
    });
  });
});
