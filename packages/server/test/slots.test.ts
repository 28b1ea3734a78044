import { describe, expect, it } from "vitest";
import { createSlots } from "../src/slots.ts";

describe("slots", () => {
  describe("when all are taken", () => {
    it("lets others wait in line, and sends away who is too many", async () => {
      const slots = createSlots(2, 2, () => new Set<number>());
      const ends: (() => void)[] = [];
      const done: number[] = [];
      const tools = new Set<unknown>();
      const start = (name: number) =>
        slots.run(async (tool) => {
          tools.add(tool);
          tool.add(name);
          expect(tool.size).toBe(1);
          await new Promise<void>((resolve) => ends.push(resolve));
          tool.delete(name);
          done.push(name);
          return name;
        });
      const all = [0, 1, 2, 3].map(start);
      await new Promise(setImmediate);
      expect(ends).toHaveLength(2);
      expect(slots.waiting).toBe(2);
      expect(await start(4)).toBeNull();
      while (done.length < 4) {
        ends.shift()?.();
        await new Promise(setImmediate);
      }
      expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
      expect(done).toEqual([0, 1, 2, 3]);
      expect(tools.size).toBe(2);
    });
  });

  describe("when what holds one fails", () => {
    it("gives it to the next", async () => {
      const slots = createSlots(1, 1, () => ({}));
      const failing = slots.run(() => Promise.reject(new Error("it failed")));
      const next = slots.run(async () => 7);
      await expect(failing).rejects.toThrow("it failed");
      expect(await next).toBe(7);
      expect(await slots.run(async () => 8)).toBe(8);
    });
  });
});
