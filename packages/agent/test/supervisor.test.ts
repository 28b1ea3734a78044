import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSupervisor } from "../src/supervisor.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(restartMax = 2, windowMs = 10_000) {
  const log: string[] = [];
  const supervisor = createSupervisor(
    { restartMax, windowMs },
    {
      monotonic: () => performance.now(),
      onRestart: (part, message) => void log.push(`restart ${part}: ${message}`),
      onGiveUp: (part, message) => void log.push(`give up ${part}: ${message}`),
    },
  );
  return { supervisor, log };
}

describe("createSupervisor", () => {
  describe("when a part fails", () => {
    it("restarts it after a moment, longer each time", async () => {
      const { supervisor, log } = start(5);
      const at: number[] = [];
      const begin = performance.now();
      for (const wait of [100, 200, 400]) {
        supervisor.failed(
          "sweep",
          new Error("it broke"),
          () => void at.push(performance.now() - begin),
        );
        await vi.advanceTimersByTimeAsync(wait);
      }
      expect(at).toEqual([100, 300, 700]);
      expect(log).toEqual(Array.from({ length: 3 }, () => "restart sweep: it broke"));
    });
  });

  describe("when the restart fails too", () => {
    it("counts, and gives up after as many as are allowed", async () => {
      const { supervisor, log } = start(2);
      supervisor.failed("sweep", new Error("1"), async () => {
        throw new Error("still broken");
      });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(log).toEqual([
        "restart sweep: 1",
        "restart sweep: still broken",
        "give up sweep: still broken",
      ]);
    });

    it("counts a restart that throws at once", async () => {
      const { supervisor, log } = start(0);
      supervisor.failed("sweep", "text", () => undefined);
      expect(log).toEqual(["give up sweep: text"]);
      const other = start(1);
      other.supervisor.failed("sweep", new Error("1"), () => {
        throw new Error("2");
      });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(other.log.at(-1)).toBe("give up sweep: 2");
    });
  });

  describe("when failures lie far apart", () => {
    it("goes on for ever", async () => {
      const { supervisor, log } = start(1, 1000);
      for (let time = 0; time < 5; time += 1) {
        supervisor.failed("sweep", new Error("again"), () => undefined);
        await vi.advanceTimersByTimeAsync(1001);
      }
      expect(log.some((line) => line.startsWith("give up"))).toBe(false);
    });
  });

  describe("when different parts fail", () => {
    it("counts each for itself", () => {
      const { supervisor, log } = start(1);
      supervisor.failed("sweep", new Error("1"), () => undefined);
      supervisor.failed("projects", new Error("1"), () => undefined);
      expect(log.every((line) => line.startsWith("restart"))).toBe(true);
    });
  });

  describe("when it has given up, or is closed", () => {
    it("restarts nothing any more", async () => {
      const restart = vi.fn();
      const { supervisor, log } = start(1);
      supervisor.failed("sweep", new Error("1"), restart);
      supervisor.close();
      supervisor.failed("sweep", new Error("2"), restart);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(restart).not.toHaveBeenCalled();
      expect(log).toHaveLength(1);
    });

    it("ends restarts of other parts that are under way", async () => {
      const restart = vi.fn();
      const { supervisor } = start(1);
      supervisor.failed("other", new Error("1"), restart);
      supervisor.failed("sweep", new Error("1"), restart);
      supervisor.failed("sweep", new Error("2"), restart);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(restart).not.toHaveBeenCalled();
    });
  });
});
