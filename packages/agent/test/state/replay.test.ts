import { readdirSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeEvent, makeEvent, type FileChange } from "@sigil/core";
import { openProducer } from "@sigil/spool";
import { tempDir, type TempDir } from "@sigil/testkit";
import { loadHasher } from "@sigil/ports/hash";
import { replayTail } from "../../src/state/replay.ts";
import { memoryStore } from "../build.ts";

const hash = loadHasher();
const DIGEST = `blake3:${"ab".repeat(32)}` as const;

function line(path: string, given: Partial<FileChange>): Buffer {
  const evidence: FileChange = {
    kind: "file_change",
    change_kind: "created",
    before_hash: null,
    after_hash: DIGEST,
    size_after: 3,
    evidence_quality: "definitive",
    coalesced_count: 1,
    rename_from: null,
    mode_before: null,
    mode_after: "0644",
    symlink_target: null,
    git_tracked: null,
    ...given,
  };
  const parts = {
    eventId: "0",
    ts: "2026-05-10T07:14:32.512Z",
    severity: "warn",
    source: "file_system",
  } as const;
  const subject = { kind: "path", value: path } as const;
  const origin = { hostId: "h", agentVersion: "0" };
  return Buffer.from(
    encodeEvent(makeEvent(origin, { ...parts, subject, evidence, targetId: "t" })),
  );
}

describe("replayTail", () => {
  let dir: TempDir;
  beforeEach(() => void (dir = tempDir()));
  afterEach(() => dir.remove());

  async function withSpool(
    act: (producer: Awaited<ReturnType<typeof openProducer>>) => Promise<void>,
  ): Promise<void> {
    const lock = { acquire: () => ({ release: () => undefined }) };
    const producer = await openProducer({
      dir: dir.at("events"),
      hash,
      lock,
      clock: { now: () => 0 },
    });
    try {
      await act(producer);
    } finally {
      await producer.close();
    }
  }

  describe("when a crash came between the spool and the state", () => {
    it("knows the file that was told of, so that its removal is told too", async () => {
      const store = memoryStore();
      await withSpool(async (producer) => {
        await replayTail(dir.at("events"), producer, store, hash);
        await producer.append([
          line("/x/created", {}),
          line("/x/gone", {}),
          line("/x/gone", {
            change_kind: "removed",
            after_hash: null,
            size_after: null,
            mode_after: null,
          }),
        ]);
        await replayTail(dir.at("events"), producer, store, hash);
      });
      expect(store.get("/x/created")).toMatchObject({
        generation: 1,
        snapshot: { digest: DIGEST, size: 3n, mode: 0o644 },
      });
      expect(store.get("/x/gone")).toMatchObject({ generation: 2, snapshot: null });
    });

    it("moves a renamed file", async () => {
      const store = memoryStore();
      await withSpool(async (producer) => {
        await replayTail(dir.at("events"), producer, store, hash);
        await producer.append([
          line("/x/old", {}),
          line("/x/new", { change_kind: "renamed", rename_from: "/x/old" }),
        ]);
        await replayTail(dir.at("events"), producer, store, hash);
      });
      expect(store.get("/x/old")?.snapshot).toBeNull();
      expect(store.get("/x/new")?.snapshot?.digest).toBe(DIGEST);
    });
  });

  describe("when the state has all the spool has said", () => {
    it("changes nothing", async () => {
      const store = memoryStore();
      await withSpool(async (producer) => {
        await replayTail(dir.at("events"), producer, store, hash);
        await producer.append([line("/x/a", {})]);
        await replayTail(dir.at("events"), producer, store, hash);
        await replayTail(dir.at("events"), producer, store, hash);
      });
      expect(store.get("/x/a")?.generation).toBe(1);
    });
  });

  describe("when the spool that the state goes with is gone", () => {
    it("says which one and up to where, once", async () => {
      const store = memoryStore();
      store.setMeta("spool_id", "01M800VT7JTCYXTHPGJFN3BR8F");
      store.setMeta("committed_sequence", "845");
      await withSpool(async (producer) => {
        const again = () => replayTail(dir.at("events"), producer, store, hash);
        expect(await again()).toEqual({ spoolId: "01M800VT7JTCYXTHPGJFN3BR8F", last: 845 });
        expect(await again()).toBeNull();
      });
    });
  });

  describe("when the spool lost events that the state knows of", () => {
    it("has none of their sequences given to another event", async () => {
      const store = memoryStore();
      const replay = (producer: Awaited<ReturnType<typeof openProducer>>) =>
        replayTail(dir.at("events"), producer, store, hash);
      await withSpool(async (producer) => {
        await replay(producer);
        const { last } = await producer.append([line("/x/a", {}), line("/x/b", {})]);
        store.commit([], last);
      });
      for (const name of readdirSync(dir.at("events")))
        if (name !== "spool.json") rmSync(dir.at(`events/${name}`));
      await withSpool(async (producer) => {
        expect(await replay(producer)).toBeNull();
        expect((await producer.append([line("/x/c", {})])).first).toBe(3);
        await replay(producer);
      });
      expect(store.get("/x/c")?.generation).toBe(1);
    });
  });

  describe("when the state is new and the spool is not", () => {
    it("takes only what is gone since: the rest is discovered again, and its removal is not silent", async () => {
      const store = memoryStore();
      const there = dir.write("there", "x");
      const gone = dir.at("gone");
      const moved = dir.at("moved");
      await withSpool(async (producer) => {
        await producer.append([
          line(there, {}),
          line(gone, {}),
          line(dir.at("before"), {}),
          line(moved, { change_kind: "renamed", rename_from: dir.at("before") }),
          line(dir.at("told"), {}),
          line(dir.at("told"), { change_kind: "removed", after_hash: null }),
        ]);
        await replayTail(dir.at("events"), producer, store, hash);
      });
      expect(store.get(gone)).toMatchObject({ snapshot: { digest: DIGEST } });
      expect(store.get(moved)).toMatchObject({ snapshot: { digest: DIGEST } });
      for (const name of ["there", "before", "told"])
        expect(store.get(dir.at(name))?.snapshot ?? null).toBeNull();
    });
  });
});
