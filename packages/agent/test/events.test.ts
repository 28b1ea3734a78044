import { describe, expect, it } from "vitest";
import { decodeEvent, rawKey, type SigilEvent } from "@sigil/core";
import { createEventWriter } from "../src/events.ts";
import { loadHasher } from "@sigil/ports/hash";
import type { Change } from "../src/pipeline/compare.ts";
import type { Entry, Recorder } from "../src/pipeline/record.ts";
import { snapshot, write } from "./build.ts";

function start() {
  const entries: Entry[] = [];
  const recorded: SigilEvent[] = [];
  const recorder = { push: (entry: Entry) => void entries.push(entry) } as unknown as Recorder;
  const writer = createEventWriter({
    hostId: "host",
    epoch: "e",
    hasher: loadHasher(),
    recorder,
    evidenceMaxBytes: 1024 * 1024,
    now: () => 1_700_000_000_000,
    onRecorded: (event) => void recorded.push(event),
  });
  return { writer, entries, recorded };
}

function change(path: string): Change {
  return {
    path,
    write: write(path),
    from: null,
    event: {
      severity: "warn",
      targetId: "t",
      dedupKey: "0".repeat(32),
      evidence: {
        kind: "file_change",
        change_kind: "created",
        before_hash: null,
        after_hash: snapshot().digest,
        size_after: 5,
        evidence_quality: "definitive",
        coalesced_count: 1,
        rename_from: null,
        mode_before: null,
        mode_after: "0644",
        symlink_target: null,
        git_tracked: null,
      },
    },
  };
}

const lineOf = (entry: Entry | undefined) =>
  JSON.parse(String(entry?.line)) as Record<string, unknown>;

describe("createEventWriter", () => {
  describe("when a change has an event", () => {
    it("pushes one line with its state, and tells of it once it is durable", () => {
      const { writer, entries, recorded } = start();
      writer.change(change("/a"));
      expect(entries).toHaveLength(1);
      expect(entries[0]).toMatchObject({ kind: "file_change", writes: [{ generation: 1 }] });
      expect(lineOf(entries[0])).toMatchObject({
        schema_version: 1,
        ts: "2023-11-14T22:13:20.000Z",
        host_id: "host",
        severity: "warn",
        source: { kind: "file_system" },
        subject: { kind: "path", value: "/a" },
        target_id: "t",
        dedup_key: "0".repeat(32),
      });
      expect(recorded).toEqual([]);
      entries[0]?.onDurable?.();
      expect(recorded).toHaveLength(1);
    });

    it("writes what its own reader takes", () => {
      const { writer, entries } = start();
      writer.change(change("/a"));
      const decoded = decodeEvent(String(entries[0]?.line).trimEnd());
      expect(decoded.kind).toBe("event");
    });

    it("writes both states of a rename in one entry, the old path's first", () => {
      const { writer, entries } = start();
      writer.change({ ...change("/new"), from: write("/old", { removedAt: 5 }) });
      expect(entries[0]?.writes.map(({ path }) => String(path))).toEqual(["/old", "/new"]);
    });

    it("keeps the bytes of a path that is not UTF-8", () => {
      const { writer, entries } = start();
      writer.change(change(rawKey("/a/\xff")));
      expect(lineOf(entries[0])["subject"]).toEqual({
        kind: "path",
        value: "/a/\uFFFD",
        raw_base64: Buffer.from("/a/\xff", "latin1").toString("base64"),
      });
    });
  });

  describe("when a change has none", () => {
    it("pushes its state alone", () => {
      const { writer, entries } = start();
      writer.change({ ...change("/a"), event: null });
      expect(entries).toEqual([{ line: null, kind: null, writes: [write("/a")] }]);
    });
  });

  describe("when something about Sigil itself is told", () => {
    it("is about itself unless a path is given", () => {
      const { writer, entries } = start();
      const done: string[] = [];
      writer.health({ kind: "policy_rejected", reason: "r", detail: "d" }, {}, () =>
        done.push("done"),
      );
      writer.health(
        { kind: "permission_missing", operation: "read", error: "EACCES" },
        { path: "/a", targetId: "t" },
      );
      expect(lineOf(entries[0])).toMatchObject({
        subject: { kind: "self" },
        severity: "high",
        target_id: null,
        source: { kind: "agent" },
      });
      expect(lineOf(entries[1])).toMatchObject({
        subject: { kind: "path", value: "/a" },
        target_id: "t",
      });
      expect(entries[0]?.writes).toEqual([]);
      entries[0]?.onDurable?.();
      expect(done).toEqual(["done"]);
    });
  });
});
