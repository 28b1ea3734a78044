import { describe, expect, it } from "vitest";
import { errnoOf } from "@sigil/core";
import { eventually, fakeClock } from "@sigil/testkit";
import { createRecorder, type Entry, type RecordPorts } from "../../src/pipeline/record.ts";
import { write } from "../build.ts";

const limits = { groupMax: 3, queueMax: 4, retryMs: 1 };

/** Ports that write down what is asked of them, in order. */
function spy(given: Partial<RecordPorts> = {}) {
  const log: string[] = [];
  const clock = fakeClock(0);
  const ports: RecordPorts = {
    append: async (lines) => void log.push(`append ${lines.join(",")}`),
    commit: (writes) => void log.push(`commit ${writes.map(({ path }) => path).join(",")}`),
    onStall: (channel, error, waiting) =>
      void log.push(`stall ${channel} ${waiting} ${String(error)}`),
    onRefused: (channel, { line }, error) =>
      void log.push(`refused ${channel} ${String(line)} ${errnoOf(error) ?? String(error)}`),
    onResume: (channel, ms, reason) => void log.push(`resume ${channel} ${ms} ${reason}`),
    monotonic: clock.now,
    ...given,
  };
  return { log, clock, recorder: createRecorder(limits, ports) };
}

function entry(name: string, given: Partial<Entry> = {}): Entry {
  return { line: Buffer.from(name), kind: "file_change", writes: [write(`/${name}`)], ...given };
}

/** Fails the first `times` calls, then does as `act`. */
function failing(times: number, act: () => void) {
  let left = times;
  return () => {
    if (left > 0) {
      left -= 1;
      throw new Error("no space");
    }
    act();
  };
}

/** As better-sqlite3 says it of a connection in use. */
function busyOnce(act: () => void) {
  let isBusy = true;
  return () => {
    if (!isBusy) return act();
    isBusy = false;
    throw new TypeError("This database connection is busy executing a query");
  };
}

describe("createRecorder", () => {
  describe("when entries are pushed", () => {
    it("makes the lines durable before it commits their states, a group at a time", async () => {
      const { log, recorder } = spy();
      for (const name of ["a", "b", "c", "d"]) recorder.push(entry(name));
      expect(await recorder.drain(5000)).toBe(true);
      expect(log).toEqual(["append a,b,c", "commit /a,/b,/c", "append d", "commit /d"]);
    });

    it("makes no group larger than the spool takes, however many entries it may hold", async () => {
      const appended: number[] = [];
      const { recorder } = spy({
        append: async (lines) =>
          void appended.push(lines.reduce((sum, one) => sum + one.length, 0)),
      });
      for (const name of ["a", "b", "c"])
        recorder.push(entry(name, { line: Buffer.alloc(3 * 1024 * 1024) }));
      expect(await recorder.drain(5000)).toBe(true);
      expect(appended).toEqual([1, 1, 1].map(() => 3 * 1024 * 1024));
    });

    it("commits states that have no line, and does not append for them", async () => {
      const { log, recorder } = spy();
      recorder.push(entry("a", { line: null, kind: null }));
      await recorder.drain(5000);
      expect(log).toEqual(["commit /a"]);
      expect(recorder.recorded).toBe(0);
    });

    it("keeps a held entry and all after it waiting, then writes what it says by then", async () => {
      const { log, recorder } = spy();
      const { promise, resolve } = Promise.withResolvers<void>();
      const held = { over: false, until: promise };
      let said = "b loud";
      recorder.push(entry("a"));
      recorder.push(entry("b", { line: () => Buffer.from(said), hold: held }));
      recorder.push(entry("c"));
      await eventually(() => expect(log).toEqual(["append a", "commit /a"]));
      said = "b quiet";
      held.over = true;
      resolve();
      await recorder.drain(5000);
      expect(log.slice(2)).toEqual(["append b quiet,c", "commit /b,/c"]);
    });

    it("counts events by kind and tells each when it is durable", async () => {
      const { log, recorder } = spy();
      recorder.push(entry("a", { onDurable: () => log.push("durable a") }));
      recorder.push(entry("b", { kind: "heartbeat" }));
      await recorder.drain(5000);
      expect(log.at(-1)).toBe("durable a");
      expect(recorder.recorded).toBe(2);
      expect([...recorder.byKind]).toEqual([
        ["file_change", 1],
        ["heartbeat", 1],
      ]);
    });
  });

  describe("when the append fails", () => {
    it("keeps the group, commits nothing, and tries again", async () => {
      const log: string[] = [];
      const { recorder } = spy({
        append: async () => failing2(),
        commit: () => void log.push("commit"),
        onStall: (channel, _error, waiting) => void log.push(`stall ${channel} ${waiting}`),
        onResume: (channel) => void log.push(`resume ${channel}`),
      });
      const failing2 = failing(2, () => log.push("append"));
      recorder.push(entry("a"));
      recorder.push(entry("b"));
      await recorder.drain(5000);
      expect(log).toEqual(["stall spool 2", "stall spool 2", "append", "resume spool", "commit"]);
    });

    it("tells how long it was stalled, once, and why", async () => {
      const { log, clock, recorder } = spy({
        append: async () => once(),
      });
      const once = failing(1, () => clock.advance(1234));
      recorder.push(entry("a"));
      await recorder.drain(5000);
      expect(log.filter((line) => line.startsWith("resume"))).toEqual([
        "resume spool 1234 no space",
      ]);
    });
  });

  describe("when the commit fails", () => {
    it("tries the commit again and does not append twice", async () => {
      const log: string[] = [];
      const { recorder } = spy({
        append: async () => void log.push("append"),
        commit: failing(2, () => log.push("commit")),
        onStall: (channel) => void log.push(`stall ${channel}`),
        onResume: (channel) => void log.push(`resume ${channel}`),
      });
      recorder.push(entry("a"));
      await recorder.drain(5000);
      expect(log).toEqual(["append", "stall state", "stall state", "commit", "resume state"]);
    });
  });

  describe("when the spool can never take a line", () => {
    it("writes the others, goes on without it, and does not call it durable", async () => {
      const { log, recorder } = spy({
        append: async (lines) => {
          if (lines.some((line) => String(line) === "b"))
            throw Object.assign(new Error("too long"), { code: "SIGIL_SPOOL_LINE_TOO_LARGE" });
          log.push(`append ${lines.join(",")}`);
        },
      });
      for (const name of ["a", "b", "c"])
        recorder.push(entry(name, { onDurable: () => log.push(`durable ${name}`) }));
      expect(await recorder.drain(5000)).toBe(true);
      expect(log).toEqual([
        "append a",
        "refused spool b SIGIL_SPOOL_LINE_TOO_LARGE",
        "append c",
        "commit /a,/b,/c",
        "durable a",
        "durable c",
      ]);
      expect(recorder.recorded).toBe(2);
    });
  });

  describe("when the state can never hold a value", () => {
    it("commits the others, counts the lines as written only after them, and appends none again", async () => {
      const { log, recorder } = spy({
        append: async (lines) => {
          log.push(`append ${lines.join(",")}`);
          return { first: 1, last: 2 };
        },
        commit: (writes, sequence) => {
          const names = writes.map(({ path }) => String(path));
          if (names.includes("/a"))
            throw new RangeError("The bound string, buffer, or bigint is too big");
          log.push(`commit ${names.join(",")} ${sequence}`);
        },
      });
      recorder.push(entry("a"));
      recorder.push(entry("b"));
      expect(await recorder.drain(5000)).toBe(true);
      expect(log).toEqual([
        "append a,b",
        "refused state a RangeError: The bound string, buffer, or bigint is too big",
        "commit /b null",
        "commit  2",
      ]);
    });
  });

  describe("when the state is busy", () => {
    it("tries again and leaves nothing out", async () => {
      const log: string[] = [];
      const { recorder } = spy({
        commit: busyOnce(() => log.push("commit")),
        onStall: (channel) => void log.push(`stall ${channel}`),
        onRefused: () => void log.push("refused"),
      });
      recorder.push(entry("a"));
      expect(await recorder.drain(5000)).toBe(true);
      expect(log).toEqual(["stall state", "commit"]);
    });
  });

  describe("when what is to be done once durable fails", () => {
    it("tells of it and goes on recording", async () => {
      const { log, recorder } = spy();
      recorder.push(
        entry("a", {
          onDurable() {
            throw new Error("disk I/O error");
          },
        }),
      );
      recorder.push(entry("b", { onDurable: () => log.push("durable b") }));
      await recorder.drain(5000);
      recorder.push(entry("c"));
      expect(await recorder.drain(5000)).toBe(true);
      expect(log).toContain("durable b");
      expect(log).toContain("commit /c");
      expect(log.some((line) => line.startsWith("stall state"))).toBe(true);
      expect(log.some((line) => line.startsWith("resume state"))).toBe(true);
    });
  });

  describe("when a state is on its way", () => {
    it("is what the path will be, until it is committed", async () => {
      const { recorder } = spy();
      expect(recorder.pending("/a")).toBeUndefined();
      recorder.push(entry("a", { writes: [write("/a", { generation: 1 })] }));
      recorder.push(entry("a", { writes: [write("/a", { generation: 2, removedAt: 9 })] }));
      expect(recorder.pending("/a")).toEqual({ snapshot: null, generation: 2, touchedAt: 0 });
      await recorder.drain(5000);
      expect(recorder.pending("/a")).toBeUndefined();
    });

    it("stays while a later one of the same path is not committed", async () => {
      const release = Promise.withResolvers<void>();
      let calls = 0;
      const { recorder } = spy({
        append: async () => {
          calls += 1;
          if (calls === 2) await release.promise;
        },
      });
      for (let generation = 1; generation <= 4; generation += 1)
        recorder.push(entry("a", { writes: [write("/a", { generation })] }));
      await eventually(() => calls === 2);
      expect(recorder.pending("/a")?.generation).toBe(4);
      release.resolve();
      await recorder.drain(5000);
      expect(recorder.pending("/a")).toBeUndefined();
    });
  });

  describe("when the queue is full", () => {
    it("has no room until a group is through", async () => {
      const release = Promise.withResolvers<void>();
      const { recorder } = spy({ append: () => release.promise });
      for (const name of ["a", "b", "c"]) recorder.push(entry(name));
      expect(recorder.hasRoom).toBe(true);
      recorder.push(entry("d"));
      expect(recorder.hasRoom).toBe(false);
      let roomy = false;
      const room = recorder.room().then(() => (roomy = true));
      await new Promise((resolve) => setImmediate(resolve));
      expect(roomy).toBe(false);
      release.resolve();
      await room;
      expect(recorder.hasRoom).toBe(true);
    });
  });

  describe("when changes come without end", () => {
    it("gives bulk work its turn when what waited before it is written, and not before", async () => {
      let flood = 0;
      const { log, recorder } = spy({
        append: async (lines) => {
          log.push("append");
          flood += 1;
          if (flood <= 50) for (const line of lines) recorder.push(entry(line.toString()));
        },
      });
      for (const name of ["a", "b", "c", "d", "e", "f"]) recorder.push(entry(name));
      await recorder.calm();
      expect(log.filter((what) => what === "append")).toHaveLength(2);
      expect(recorder.waiting).toBe(6);
      flood = 50;
      expect(await recorder.drain(5000)).toBe(true);
    });
  });

  describe("when it is drained", () => {
    it("says that something is left when time is up", async () => {
      const { recorder } = spy({ append: () => new Promise(() => undefined) });
      recorder.push(entry("a"));
      expect(await recorder.drain(5)).toBe(false);
      expect(recorder.waiting).toBe(1);
    });

    it("is done at once when nothing waits", async () => {
      expect(await spy().recorder.drain(5000)).toBe(true);
    });
  });

  describe("when it is stopped", () => {
    it("tries no more, and waits for nobody", async () => {
      let tries = 0;
      const { recorder } = spy({
        append: async () => {
          tries += 1;
          recorder.stop();
          throw new Error("no space");
        },
      });
      recorder.push(entry("a"));
      await recorder.drain(5000);
      expect(tries).toBe(1);
      expect(recorder.waiting).toBe(1);
    });
  });
});
