import * as fs from "node:fs";
import { describe, expect, it } from "vitest";
import { toDigest } from "@sigil/core/plain";
import { observe } from "../../src/pipeline/observe.ts";
import { buffersOf, createRowPacker, findingsOf } from "../../src/sweep/rows.ts";
import { hasher, rowsOf } from "../build.ts";

const HERE = import.meta.filename;

describe("createRowPacker", () => {
  describe("when files are packed", () => {
    it("gives back for each what looking at it alone would have found", () => {
      const packer = createRowPacker(4);
      const stat = fs.statSync(HERE, { bigint: true });
      const digest = hasher.digest(fs.readFileSync(HERE));
      const parent = import.meta.dirname;
      const file = { kind: "plain", path: HERE, parent, targetId: "t", stat, digest } as const;
      packer.add({ ...file, path: "/other/f", parent: "/other", digest: new Uint8Array(32) });
      packer.add(file);
      expect(packer.size).toBe(2);
      const rows = packer.take();
      const found = rows ? findingsOf(rows) : [];
      const max = 1 << 24;
      const alone = observe(HERE, {
        follow: false,
        hasher,
        maxBytes: max,
        inlineMaxBytes: max,
        attempts: 1,
        linkOwners: null,
      });
      expect(found.map(({ path }) => path)).toEqual(["/other/f", HERE]);
      expect(alone).toEqual({ kind: "present", snapshot: found[1]?.snapshot, hops: [] });
      expect(found[0]?.snapshot.digest).toBe(toDigest(new Uint8Array(32)));
    });

    it("is empty when they were taken", () => {
      const packer = createRowPacker(1);
      expect(packer.take()).toBeNull();
      const stat = fs.statSync(HERE, { bigint: true });
      const rest = { parent: "/", targetId: "t", stat, digest: new Uint8Array(32) };
      for (const path of ["/a", "/b"]) {
        packer.add({ kind: "plain", path, ...rest });
        expect(packer.take()?.paths).toEqual([path]);
      }
      expect(packer.size).toBe(0);
    });
  });

  describe("when rows cross threads", () => {
    it("arrive whole, and leave no copy of their buffers behind", () => {
      const rows = rowsOf("/a/1", "/a/2", "/b/1");
      const before = findingsOf(rows);
      const arrived = structuredClone(rows, { transfer: buffersOf(rows) });
      expect(findingsOf(arrived)).toEqual(before);
      expect(arrived.parents).toEqual(["/a", "/b"]);
      expect(buffersOf(rows).map(({ byteLength }) => byteLength)).toEqual([0, 0, 0, 0]);
    });
  });
});
