import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rootId, type PathKey, type Root, type SettledPath, type Settings } from "@sigil/core";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import type { Change } from "../../src/pipeline/compare.ts";
import { createFlow, type FlowPorts } from "../../src/pipeline/flow.ts";
import { createLatency } from "../../src/pipeline/latency.ts";
import { observe } from "../../src/pipeline/observe.ts";
import { createRecorder } from "../../src/pipeline/record.ts";
import { hasher, memoryStore, planOf, root, rowsOf, settings, write } from "../build.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
  dir.mkdir("c");
  dir.mkdir("s");
});
afterEach(() => dir.remove());

interface Bench {
  readonly roots?: readonly Root[];
  readonly of?: Settings;
  readonly ports?: Partial<FlowPorts>;
  /** Roots that have been seen before. */
  readonly baselined?: boolean;
}

/** A flow over real files and a real state database; the spool is a list. */
function bench(given: Bench = {}) {
  const roots = given.roots ?? [
    root({ base: dir.at("c"), recursive: true, targetId: "critical" }),
    root({ base: dir.at("s"), recursive: true, tier: "standard", targetId: "standard" }),
  ];
  const plan = planOf(roots);
  const store = memoryStore();
  if (given.baselined !== false)
    store.completeBaselines(
      roots.map((of) => ({ rootId: rootId(of), targetId: of.targetId })),
      1,
    );
  const recorder = createRecorder(
    { groupMax: 100, queueMax: 1000, retryMs: 1 },
    {
      append: async () => undefined,
      commit: (writes) => store.commit(writes),
      onStall: () => undefined,
      onRefused: () => undefined,
      onResume: () => undefined,
      monotonic: () => 0,
    },
  );
  const changes: Change[] = [];
  const held: SettledPath[] = [];
  const delays: number[] = [];
  const unreadable: string[] = [];
  const failures: string[] = [];
  const hops = new Map<PathKey, readonly PathKey[]>();
  const ports: FlowPorts = {
    store,
    recorder,
    hasher,
    latency: createLatency(),
    plan: () => plan,
    observeLarge: () => Promise.reject(new Error("nothing is large")),
    gitTracked: async () => null,
    setHops: (path, of) => void hops.set(path, of),
    hold(path, delayMs) {
      held.push(path);
      delays.push(delayMs);
    },
    record(change) {
      changes.push(change);
      const writes = change.from ? [change.from, change.write] : [change.write];
      recorder.push({ line: null, kind: null, writes });
    },
    onFailed: (error) => void failures.push(String(error)),
    onMended: () => void failures.push("mended"),
    onUnreadable: (path, operation, errno) => void unreadable.push(`${path} ${operation} ${errno}`),
    now: () => 1000,
    monotonic: () => performance.now(),
    ...given.ports,
  };
  const flow = createFlow(given.of ?? settings(), ports);
  const kinds = () =>
    changes.flatMap(({ path, event }) => (event ? [`${event.evidence.change_kind} ${path}`] : []));
  /** Lets paths through as one pass. */
  async function pass(...paths: readonly (string | SettledPath)[]): Promise<void> {
    flow.accept(paths.map((path) => (typeof path === "string" ? settled(path) : path)));
    await flow.idle();
  }
  return { flow, store, recorder, changes, held, delays, unreadable, failures, hops, kinds, pass };
}

function settled(path: string, given: Partial<SettledPath> = {}): SettledPath {
  const tier = path.startsWith(dir.at("c")) ? "critical" : "standard";
  return { path, tier, found: false, hints: 1, bursts: 1, since: 0, ...given };
}

describe("createFlow", () => {
  describe("when files come, change and go", () => {
    it("tells each change once, in the order it happened", async () => {
      const { pass, kinds } = bench();
      const path = dir.write("c/f", "1");
      await pass(path);
      fs.writeFileSync(path, "22");
      await pass(path);
      await pass(path);
      fs.chmodSync(path, 0o700);
      await pass(path);
      fs.unlinkSync(path);
      await pass(path);
      expect(kinds()).toEqual([
        `created ${path}`,
        `modified ${path}`,
        `attributes_modified ${path}`,
        `removed ${path}`,
      ]);
    });

    it("counts up the path's generation, also before anything is committed", async () => {
      const { pass, changes, store, recorder } = bench();
      const path = dir.write("c/f", "1");
      for (const content of ["1", "22", "333"]) {
        fs.writeFileSync(path, content);
        await pass(path);
      }
      expect(changes.map((change) => change.write.generation)).toEqual([1, 2, 3]);
      await recorder.drain(5000);
      expect(store.get(path)?.generation).toBe(3);
    });
  });

  describe("when it is ended", () => {
    it("compares what it has accepted", async () => {
      const { flow, kinds } = bench();
      const path = dir.write("c/f", "1");
      flow.accept([settled(path)]);
      expect(flow.waiting).toBe(1);
      expect(await flow.end(60_000)).toBe(0);
      expect(kinds()).toEqual([`created ${path}`]);
      expect(flow.waiting).toBe(0);
    });

    it("gives up what it cannot record in the time it is given, and takes no more", async () => {
      const { flow, kinds } = bench({
        ports: { recorder: { hasRoom: false, room: () => new Promise(() => undefined) } as never },
      });
      const paths = Array.from({ length: 200 }, (_, at) => dir.write(`c/f${at}`, "1"));
      flow.accept(paths.map((path) => settled(path)));
      expect(await flow.end(1)).toBe(200);
      flow.accept([settled(paths[0] as string)]);
      expect(flow.waiting).toBe(0);
      expect(kinds()).toEqual([]);
    });
  });

  describe("when looking at a path throws", () => {
    /** Fails for one path, as often as it is told to. */
    function failing(name: string, times: number): { ports: Partial<FlowPorts> } {
      let left = times;
      const setHops = (path: PathKey) => {
        if (!path.endsWith(name)) return;
        left -= 1;
        if (left >= 0) throw new Error("it broke");
      };
      return { ports: { setHops } };
    }

    it("is told, put back, and told of when it works again: the agent does not fall silent", async () => {
      // Once with the others, once alone.
      const { pass, held, failures, kinds } = bench(failing("bad", 2));
      const bad = dir.write("c/bad", "1");
      const others = ["c/1", "c/2", "s/1"].map((name) => dir.write(name, name));
      await pass(bad, ...others);
      expect(kinds().toSorted()).toEqual(others.map((path) => `created ${path}`));
      expect(failures).toEqual(["Error: it broke"]);
      expect(held.map(({ path }) => path)).toEqual([bad]);
      await pass(...held.splice(0));
      expect(kinds().at(-1)).toBe(`created ${bad}`);
      expect(failures).toEqual(["Error: it broke", "mended"]);
    });

    it("tells nothing twice of the paths that came before it", async () => {
      let calls = 0;
      const gitTracked = async () => {
        calls += 1;
        if (calls === 2) throw new Error("it broke");
        return null;
      };
      const { pass, kinds } = bench({ ports: { gitTracked } });
      const paths = ["c/1", "c/2", "c/3"].map((name) => dir.write(name, name));
      await pass(...paths);
      expect(kinds()).toEqual(paths.map((path) => `created ${path}`));
    });

    it("keeps looking at what comes later, though a path fails for good", async () => {
      const { pass, kinds, held } = bench(failing("bad", Infinity));
      await pass(dir.write("c/bad", "1"));
      const good = dir.write("c/good", "1");
      await pass(good, ...held.splice(0));
      expect(kinds()).toEqual([`created ${good}`]);
      expect(held).toHaveLength(1);
    });
  });

  describe("when a file of no target is hinted", () => {
    it("does not look at it", async () => {
      const { pass, changes } = bench();
      await pass(dir.write("other", "1"));
      expect(changes).toEqual([]);
    });
  });

  describe("when critical and standard paths wait", () => {
    it("tells of the critical ones first", async () => {
      const { pass, kinds } = bench();
      const paths = ["s/1", "s/2", "c/1", "c/2"].map((name) => dir.write(name, name));
      await pass(...paths);
      expect(kinds()).toEqual([2, 3, 0, 1].map((at) => `created ${paths[at]}`));
    });
  });

  describe("when a watcher and a sweep name the same path", () => {
    it("is one change, and not a delayed one", async () => {
      const { pass, changes } = bench();
      const path = dir.write("c/f", "1");
      await pass(settled(path, { found: true }), settled(path), settled(path, { found: true }));
      expect(changes).toHaveLength(1);
      expect(changes[0]?.event?.evidence).toMatchObject({
        evidence_quality: "coalesced",
        coalesced_count: 3,
      });
    });

    it("is one change too when the sweep read it first", async () => {
      const { flow, pass, changes, recorder } = bench({ baselined: false });
      const path = dir.write("c/f", "1");
      const seen = observe(path, {
        follow: true,
        hasher,
        maxBytes: 100,
        inlineMaxBytes: 100,
        attempts: 1,
        linkOwners: null,
      });
      if (seen.kind !== "present") throw new Error(seen.kind);
      const finding = { kind: "first", path, snapshot: seen.snapshot, hops: [] } as const;
      await Promise.all([flow.first([finding]), pass(path)]);
      await flow.first([finding]);
      await recorder.drain(5000);
      await flow.first([finding]);
      expect(changes).toHaveLength(1);
    });
  });

  describe("when a sweep's reading is older than what a hint led to", () => {
    it("does not overwrite it", async () => {
      const { flow, pass, kinds, store, recorder } = bench({ baselined: false });
      const path = dir.write("c/f", "1");
      const seen = observe(path, {
        follow: true,
        hasher,
        maxBytes: 100,
        inlineMaxBytes: 100,
        attempts: 1,
        linkOwners: null,
      });
      if (seen.kind !== "present") throw new Error(seen.kind);
      fs.writeFileSync(path, "22");
      await pass(path);
      await flow.first([{ kind: "first", path, snapshot: seen.snapshot, hops: [] }]);
      await recorder.drain(5000);
      expect(kinds()).toEqual([`created ${path}`]);
      expect(store.get(path)?.snapshot?.size).toBe(2n);
    });
  });

  describe("when a sweep brings plain files", () => {
    it("stores them and tells nothing of them", async () => {
      const { flow, store, changes } = bench({ baselined: false });
      const path = dir.at("s/f");
      await flow.plain(rowsOf(path));
      expect(store.get(path)).toMatchObject({ generation: 1, snapshot: { type: "file" } });
      expect(changes).toEqual([]);
    });

    it("leaves a path alone that a hint told of meanwhile", async () => {
      const store = memoryStore();
      const skipped: boolean[] = [];
      const addPlain: typeof store.addPlain = (rows, skip) => skipped.push(...rows.paths.map(skip));
      const { flow, recorder } = bench({ ports: { store: { ...store, addPlain } } });
      recorder.push({ line: null, kind: null, writes: [write(dir.at("s/f"))] });
      await flow.plain(rowsOf(dir.at("s/f"), dir.at("s/g")));
      expect(skipped).toEqual([true, false]);
      store.close();
    });

    it("records them one by one when the state cannot be written, until it can", async () => {
      const other = memoryStore();
      const addPlain = () => {
        throw new Error("database or disk is full");
      };
      const { flow, store, recorder, changes } = bench({
        baselined: false,
        ports: { store: { ...other, addPlain } },
      });
      const path = dir.at("s/f");
      await flow.plain(rowsOf(path));
      await recorder.drain(1000);
      expect(changes).toMatchObject([{ path, event: null }]);
      expect(store.get(path)?.generation).toBe(1);
      other.close();
    });
  });

  describe("when a root is seen for the first time", () => {
    async function first(name: string) {
      const { flow, changes, kinds, store, recorder } = bench({ baselined: false });
      const path = dir.write(name, "1");
      const options = {
        follow: true,
        hasher,
        maxBytes: 9,
        inlineMaxBytes: 9,
        attempts: 1,
        linkOwners: null,
      };
      const seen = observe(path, options);
      if (seen.kind !== "present") throw new Error(seen.kind);
      await flow.first([{ kind: "first", path, snapshot: seen.snapshot, hops: seen.hops }]);
      await recorder.drain(5000);
      return { path, changes, kinds, store };
    }

    it("discovers what a critical target has", async () => {
      const { path, kinds } = await first("c/f");
      expect(kinds()).toEqual([`discovered ${path}`]);
    });

    it("takes down what a standard target has, silently", async () => {
      const { path, kinds, store } = await first("s/f");
      expect(kinds()).toEqual([]);
      expect(store.get(path)?.snapshot?.size).toBe(1n);
    });

    it("tells of a file that a watcher noticed as created", async () => {
      const { pass, kinds } = bench({ baselined: false });
      const path = dir.write("c/f", "1");
      await pass(path);
      expect(kinds()).toEqual([`created ${path}`]);
    });
  });

  describe("when a file is renamed", () => {
    it("pairs both sides of one pass, whichever was hinted first", async () => {
      for (const order of [0, 1]) {
        const { pass, changes, kinds } = bench();
        const from = dir.write("c/from", "1");
        await pass(from);
        const to = dir.at("c/to");
        fs.renameSync(from, to);
        await pass(...(order === 0 ? [from, to] : [to, from]));
        expect(kinds()).toEqual([`created ${from}`, `renamed ${to}`]);
        expect(changes.at(-1)?.event?.evidence.rename_from).toBe(from);
        await pass(from, to);
        expect(kinds()).toHaveLength(2);
        fs.unlinkSync(to);
      }
    });

    it("pairs it when only the new path was hinted, and when it moved to another target", async () => {
      const { pass, kinds, recorder } = bench();
      const from = dir.write("s/from", "1");
      await pass(from);
      await recorder.drain(5000);
      const to = dir.at("c/to");
      fs.renameSync(from, to);
      await pass(to);
      await pass(from);
      expect(kinds()).toEqual([`created ${from}`, `renamed ${to}`]);
    });

    it("is modified when it replaces a path that was there", async () => {
      const { pass, kinds } = bench();
      const [from, to] = [dir.write("c/from", "1"), dir.write("c/to", "2")];
      await pass(from, to);
      fs.renameSync(from, to);
      await pass(from, to);
      expect(kinds().slice(2)).toEqual([`modified ${to}`, `removed ${from}`]);
    });

    it("is created when the old path is still there: a hard link", async () => {
      const { pass, kinds, recorder } = bench();
      const from = dir.write("c/from", "1");
      await pass(from);
      await recorder.drain(5000);
      fs.linkSync(from, dir.at("c/to"));
      await pass(dir.at("c/to"));
      expect(kinds().at(-1)).toBe(`created ${dir.at("c/to")}`);
    });

    it("is created too when the old path is there but no target means it any more", async () => {
      const { pass, kinds, store, recorder } = bench();
      const [of] = [dir.write("c/from", "1")];
      await pass(of);
      await recorder.drain(5000);
      const outside = dir.at("outside");
      fs.linkSync(of, outside);
      const state = store.get(of);
      if (!state?.snapshot) throw new Error("not stored");
      store.commit([
        {
          path: Buffer.from(outside),
          parent: Buffer.from(dir.path),
          targetId: "old",
          generation: 1,
          touchedAt: 0,
          removedAt: null,
          snapshot: state.snapshot,
        },
      ]);
      fs.unlinkSync(of);
      await pass(of);
      await recorder.drain(5000);
      fs.linkSync(outside, dir.at("c/again"));
      await pass(dir.at("c/again"));
      expect(kinds().at(-1)).toBe(`created ${dir.at("c/again")}`);
    });
  });

  describe("when a file is large", () => {
    const of = settings({ hash: { inline_max_bytes: 4 } });

    it("is read elsewhere while others go on, and told when it is read", async () => {
      const reading = Promise.withResolvers<void>();
      const { pass, kinds, flow } = bench({
        of,
        ports: {
          async observeLarge(path, at) {
            expect(at).toBe(0);
            await reading.promise;
            return observe(path, {
              follow: true,
              hasher,
              maxBytes: 100,
              inlineMaxBytes: 100,
              attempts: 1,
              linkOwners: null,
            });
          },
        },
      });
      const large = dir.write("c/large", "123456");
      const small = dir.write("c/small", "1");
      await pass(large, small);
      expect(kinds()).toEqual([`created ${small}`]);
      reading.resolve();
      await eventually(() => kinds().length === 2);
      await flow.idle();
      expect(kinds()[1]).toBe(`created ${large}`);
    });

    it("waits when it is hinted again while it is read", async () => {
      const reading = Promise.withResolvers<never>();
      const { pass, held } = bench({ of, ports: { observeLarge: () => reading.promise } });
      const large = dir.write("c/large", "123456");
      await pass(large);
      await pass(large);
      expect(held.map(({ path }) => path)).toEqual([large]);
      reading.reject(new Error("the thread ended"));
      await eventually(() => held.length === 2);
      await pass(large);
    });

    it("is left alone for a while when reading it took long, and comes back", async () => {
      let clock = 0;
      let reads = 0;
      const { pass, held, flow } = bench({
        of,
        ports: {
          monotonic: () => clock,
          async observeLarge() {
            reads += 1;
            clock += 1000;
            return { kind: "absent" };
          },
        },
      });
      const large = dir.write("c/large", "123456");
      await pass(large);
      await eventually(() => clock === 1000);
      await flow.idle();
      await pass(large);
      await eventually(() => held.length === 1);
      clock += 9000;
      await pass(large);
      await eventually(() => reads === 2);
      expect(held[0]?.bursts).toBe(2);
    });
  });

  describe("when a large file ends each thread that reads it", () => {
    const of = settings({ hash: { inline_max_bytes: 4 } });

    it("tells so once, tries ever more rarely, and tells that it is over when the file is gone", async () => {
      const { pass, held, delays, failures } = bench({
        of,
        ports: { monotonic: () => 0, observeLarge: () => Promise.reject(new Error("it ended")) },
      });
      const large = dir.write("c/large", "123456");
      for (let round = 1; round <= 3; round += 1) {
        await pass(large);
        await eventually(() => held.length === round);
      }
      expect(failures).toEqual(["Error: it ended"]);
      expect(delays).toEqual([1000, 2000, 4000]);
      fs.rmSync(large);
      await pass(large);
      expect(failures).toEqual(["Error: it ended", "mended"]);
    });
  });

  describe("when a path cannot be read", () => {
    it("tells so and changes nothing", async () => {
      fs.symlinkSync("b", dir.at("c/a"));
      const { pass, unreadable, changes } = bench();
      const deep = `${dir.at("c")}/${"x".repeat(300)}`;
      await pass(deep);
      expect(unreadable).toEqual([`${deep} read ENAMETOOLONG`]);
      expect(changes).toEqual([]);
    });
  });

  describe("when a path is a link", () => {
    it("tells where it leads through, and that it no longer does", async () => {
      const { pass, hops } = bench();
      const real = dir.write("real", "1");
      const link = dir.at("c/link");
      fs.symlinkSync("../real", link);
      await pass(link);
      expect(hops.get(link)).toEqual([real]);
      fs.unlinkSync(link);
      await pass(link);
      expect(hops.get(link)).toEqual([]);
    });
  });

  describe("when recording lags behind", () => {
    it("reads nothing more until there is room", async () => {
      const { flow, kinds, recorder } = bench();
      const room = Promise.withResolvers<void>();
      const tight = Object.create(recorder, {
        hasRoom: { value: false },
        room: { value: () => room.promise },
        pending: { value: (path: string) => recorder.pending(path) },
      }) as typeof recorder;
      const held = bench({ ports: { recorder: tight } });
      const path = dir.write("c/f", "1");
      held.flow.accept([settled(path)]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(held.kinds()).toEqual([]);
      room.resolve();
      await held.flow.idle();
      expect(held.kinds()).toEqual([`created ${path}`]);
      expect(kinds()).toEqual([]);
      await flow.idle();
    });
  });

  describe("when a file is in a work tree", () => {
    it("says whether it is tracked, and does not ask for one that is gone", async () => {
      const asked: string[] = [];
      const { pass, changes } = bench({
        ports: {
          async gitTracked(path) {
            asked.push(path);
            return true;
          },
        },
      });
      const path = dir.write("c/f", "1");
      await pass(path);
      fs.unlinkSync(path);
      await pass(path);
      expect(changes.map(({ event }) => event?.evidence.git_tracked)).toEqual([true, null]);
      expect(asked).toEqual([path]);
    });
  });

  describe("when the project that stored paths were in is gone, and its roots with it", () => {
    /** A flow whose plan means only `c` by now; `p` was meant by the target that is critical there, `q` by none. */
    function after() {
      const of = bench();
      const put = (path: string, targetId: string) => of.store.commit([write(path, { targetId })]);
      const [gone, dropped] = [dir.at("p/.envrc"), dir.at("q/.mine")];
      put(gone, "critical");
      put(dropped, "dropped");
      return { ...of, gone, dropped };
    }

    it("tells those a sweep finds as removed, as what they were, once", async () => {
      const { flow, changes, gone, store, recorder } = after();
      await flow.strays([gone]);
      await flow.strays([gone]);
      expect(changes.map(({ event }) => [event?.targetId, event?.severity])).toEqual([
        ["critical", "warn"],
      ]);
      expect(changes[0]?.event?.evidence).toMatchObject({
        change_kind: "removed",
        evidence_quality: "delayed",
      });
      await recorder.drain(5000);
      expect(store.get(gone)?.snapshot).toBeNull();
    });

    it("tells one that waited while the plan changed", async () => {
      const { pass, kinds, gone } = after();
      await pass(gone);
      expect(kinds()).toEqual([`removed ${gone}`]);
    });

    it("tells neither one that is there, nor one of a target the policy has dropped, nor one never stored", async () => {
      const { flow, pass, changes, gone, dropped } = after();
      dir.write("p/.envrc", "1");
      const paths = [gone, dropped, dir.at("never")];
      await flow.strays(paths);
      await pass(...paths);
      expect(changes).toEqual([]);
    });

    it("waits for the state of one that is on its way", async () => {
      const { recorder, pass, held, kinds } = bench();
      const path = dir.at("p/.envrc");
      recorder.push({ line: null, kind: null, writes: [write(path, { targetId: "critical" })] });
      await pass(path);
      expect(held.map((of) => of.path)).toEqual([path]);
      await recorder.drain(5000);
      await pass(...held);
      expect(kinds()).toEqual([`removed ${path}`]);
    });
  });
});
