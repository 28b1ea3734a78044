import { describe, expect, it } from "vitest";
import type { Snapshot } from "@sigil/core/plain";
import { memoryStore, snapshot, write } from "../build.ts";

/** What a snapshot is after it went through the database. */
function through(of: Snapshot) {
  const store = memoryStore();
  store.commit([write("/a", { snapshot: of })]);
  const back = store.get("/a")?.snapshot;
  store.close();
  return back;
}

describe("a row", () => {
  describe("when a snapshot goes through it", () => {
    it.each([
      ["a plain file", snapshot()],
      [
        "nanoseconds beyond what a double can hold",
        snapshot({ mtimeNs: 1_795_239_029_888_000_807n, ctimeNs: 1_795_239_029_888_000_809n }),
      ],
      ["times before 1970", snapshot({ mtimeNs: -1n })],
      [
        "inodes of the upper half of 64 bits",
        snapshot({ dev: -2n, ino: BigInt.asIntN(64, 0xffff_ffff_ffff_fff0n) }),
      ],
      [
        "a file of many terabytes",
        snapshot({ size: 2n ** 53n + 1n, digest: null, incomplete: "too_large" }),
      ],
      [
        "a link that leads nowhere",
        snapshot({ type: "symlink", digest: null, symlinkTarget: "../ü/\uFFFD" }),
      ],
      [
        "a device",
        snapshot({ type: "other", digest: null, incomplete: "not_regular", mode: 0o7777 }),
      ],
    ])("comes back equal: %s", (_title, of) => {
      expect(through(of)).toEqual(of);
    });
  });
});
