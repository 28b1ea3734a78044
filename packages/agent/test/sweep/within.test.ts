import * as fs from "node:fs";
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rawKey } from "@sigil/core/plain";
import { tempDir, type TempDir } from "@sigil/testkit";
import { openWithin, type Within } from "../../src/sweep/within.ts";
import { hasher } from "../build.ts";

const options = { hasher, maxBytes: 1024, attempts: 3, linkOwners: null };

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
  dir.mkdir("d");
});
afterEach(() => dir.remove());

/** Acts in a directory that can be opened. */
function inside(act: (within: Within) => void): void {
  const within = openWithin(fs.realpathSync(dir.at("d")));
  if (within === null) throw new Error("not opened");
  try {
    act(within);
  } finally {
    within.close();
  }
}

// Linux only: names below an open directory go through /proc/self/fd.
describe.runIf(process.platform === "linux")("openWithin", () => {
  describe("when a regular file is read", () => {
    it("has its digest and its stat", () => {
      const stat = fs.lstatSync(dir.write("d/f", "hello"), { bigint: true });
      inside((within) => {
        const read = within.read("f", options);
        expect(read?.digest).toEqual(hasher.digest(Buffer.from("hello")));
        expect(read?.stat.ino).toBe(stat.ino);
        expect(read?.stat.ctimeNs).toBe(stat.ctimeNs);
      });
    });

    it("has a file of nothing, and one of exactly the limit", () => {
      dir.write("d/empty", "");
      dir.write("d/full", "x".repeat(1024));
      inside((within) => {
        expect(within.read("empty", options)?.digest).toEqual(hasher.digest(Buffer.alloc(0)));
        expect(within.read("full", options)?.stat.size).toBe(1024n);
      });
    });
  });

  describe("when it is anything but a plain file within the limit", () => {
    it("reads none of it", () => {
      dir.write("far", "secret");
      dir.write("d/large", "x".repeat(1025));
      dir.mkdir("d/sub");
      fs.symlinkSync(dir.at("far"), dir.at("d/link"));
      execFileSync("mkfifo", [dir.at("d/fifo")]);
      inside((within) => {
        for (const name of ["large", "sub", "link", "fifo", "missing"])
          expect(within.read(name, options)).toBeNull();
      });
    });
  });

  describe("when the directory is not where its path says", () => {
    it("is not opened: a link, one on the way, none at all, a name that is not text", () => {
      dir.mkdir("real/sub");
      fs.symlinkSync("real", dir.at("link"));
      const at = (name: string) => `${fs.realpathSync(dir.path)}/${name}`;
      for (const path of [at("link"), at("link/sub"), at("missing"), rawKey(at("d\xff"))])
        expect(openWithin(path)).toBeNull();
      const sub = openWithin(at("real/sub"));
      expect(sub).not.toBeNull();
      sub?.close();
    });
  });

  describe("when the directory is swapped for a link while it is open", () => {
    it("still reads what is in it, and nothing of where the link leads", () => {
      dir.write("d/f", "mine");
      dir.write("elsewhere/f", "theirs");
      dir.write("elsewhere/only", "theirs");
      inside((within) => {
        fs.renameSync(dir.at("d"), dir.at("moved"));
        fs.symlinkSync("elsewhere", dir.at("d"));
        expect(within.read("f", options)?.digest).toEqual(hasher.digest(Buffer.from("mine")));
        expect(within.read("only", options)).toBeNull();
      });
    });
  });

  describe("when it is closed", () => {
    it("holds no descriptor", () => {
      const open = () => fs.readdirSync("/proc/self/fd").length;
      const before = open();
      dir.write("d/f", "1");
      inside((within) => void within.read("f", options));
      expect(openWithin(dir.at("missing"))).toBeNull();
      expect(open()).toBe(before);
    });
  });
});
