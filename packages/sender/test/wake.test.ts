import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemTimers, watchDirectory } from "../src/wake.ts";

const HOUR = 3_600_000;
let dir: TempDir;
beforeEach(() => void (dir = tempDir()));
afterEach(() => dir.remove());
const live = () => new AbortController();

describe("watchDirectory", () => {
  describe("when something changes in the directory", () => {
    it("ends the wait", async () => {
      const waker = watchDirectory(dir.path);
      let woken = false;
      const waiting = waker.wait(HOUR, live().signal).then(() => void (woken = true));
      // The system may take a moment before it watches.
      await eventually(() => {
        dir.write("file", String(Math.random()));
        return woken;
      });
      await waiting;
      waker.close();
    });

    it("does not lose a change between two waits", async () => {
      const waker = watchDirectory(dir.path);
      await eventually(async () => {
        dir.write("file", String(Math.random()));
        await new Promise((resolve) => setImmediate(resolve));
        const soon = AbortSignal.timeout(20);
        await waker.wait(HOUR, soon);
        return !soon.aborted;
      });
      waker.close();
    });
  });

  describe("when nothing changes", () => {
    it("ends after the time given, or when it is stopped", async () => {
      const waker = watchDirectory(dir.path);
      await waker.wait(1, live().signal);
      const stop = live();
      const waiting = waker.wait(HOUR, stop.signal);
      stop.abort();
      await waiting;
      await waker.settle(1, live().signal);
      waker.close();
    });
  });

  describe("when the directory cannot be watched", () => {
    it("leaves it to the time given", async () => {
      const waker = watchDirectory(dir.at("nowhere"));
      await waker.wait(1, live().signal);
      waker.close();
    });
  });
});

describe("systemTimers", () => {
  it("do not wait for a signal that is aborted already", async () => {
    const stop = live();
    stop.abort();
    await systemTimers.sleep(HOUR, stop.signal);
    expect(stop.signal.aborted).toBe(true);
  });
});
