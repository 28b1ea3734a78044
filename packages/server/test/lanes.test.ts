import { describe, expect, it } from "vitest";
import { createLanes } from "../src/lanes.ts";
import { refuse } from "../src/problem.ts";
import { serverSettingsSchema } from "../src/settings.ts";

const MIB = 1024 * 1024;
const lanes = (more = {}) =>
  createLanes(
    serverSettingsSchema.parse({ limits: { max_admitting: 3, max_admitting_large: 1, ...more } })
      .limits,
  );

describe("the lanes", () => {
  describe("when bodies are small", () => {
    it("takes many at once, and a large one beside them", async () => {
      const { run } = lanes();
      const rooms: number[] = [];
      const ends: (() => void)[] = [];
      const work = (size: number) =>
        run(size, async (_slab, maxBytes) => {
          rooms.push(maxBytes);
          await new Promise<void>((resolve) => ends.push(resolve));
          return maxBytes;
        });
      const all = [100, 200, 300, 400, 70_000, 80_000].map(work);
      await new Promise(setImmediate);
      expect(rooms).toEqual([MIB, MIB, MIB, 64 * MIB]);
      for (let done = 0; done < 6; done += 1) {
        ends[done]?.();
        await new Promise(setImmediate);
      }
      expect(await Promise.all(all)).toEqual([MIB, MIB, MIB, MIB, 64 * MIB, 64 * MIB]);
    });
  });

  describe("when a small body is large unpacked", () => {
    it("tries again where there is room", async () => {
      const tried: number[] = [];
      const done = await lanes().run(100, async (slab, maxBytes) => {
        tried.push(maxBytes);
        expect(slab.length).toBe(0);
        slab.add(Buffer.alloc(10));
        return maxBytes > MIB ? "done" : refuse("batch-too-large");
      });
      expect(done).toBe("done");
      expect(tried).toEqual([MIB, 64 * MIB]);
    });
  });

  describe("when too many wait", () => {
    it("sends away", async () => {
      const { run } = lanes({ max_waiting: 1 });
      let end: () => void = () => undefined;
      const first = run(70_000, () => new Promise<string>((resolve) => (end = () => resolve("a"))));
      const second = run(70_000, async () => "b");
      expect(await run(70_000, async () => "c")).toBeNull();
      await new Promise(setImmediate);
      end();
      expect(await Promise.all([first, second])).toEqual(["a", "b"]);
    });
  });
});
