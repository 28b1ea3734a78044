import { execFileSync } from "node:child_process";
import { appendFileSync, openSync, symlinkSync, truncateSync } from "node:fs";
import * as fs from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { readBounded } from "../../src/fs/read.ts";

vi.mock("node:fs", { spy: true });

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => {
  vi.restoreAllMocks();
  dir.remove();
});

describe("readBounded", () => {
  describe("when the file is within the bound", () => {
    it("reads it whole, also when it is empty", () => {
      expect(readBounded(dir.write("a", "hello"), 5)).toEqual({
        kind: "read",
        bytes: Buffer.from("hello"),
      });
      expect(readBounded(dir.write("empty", ""), 0)).toEqual({
        kind: "read",
        bytes: Buffer.alloc(0),
      });
    });

    it("reads more than one chunk", () => {
      const bytes = Buffer.alloc(200_000, "abcdefg");
      expect(readBounded(dir.write("big", bytes), 200_000)).toEqual({ kind: "read", bytes });
    });

    it("reads a path of bytes that are not UTF-8", () => {
      const path = Buffer.concat([Buffer.from(`${dir.path}/`), Buffer.from([0xff])]);
      fs.writeFileSync(path, "x");
      expect(readBounded(path, 10).kind).toBe("read");
    });
  });

  describe("when the file is larger", () => {
    it("reads nothing and tells its size", () => {
      expect(readBounded(dir.write("a", "hello!"), 5)).toEqual({ kind: "too_large", size: 6 });
      const sparse = dir.write("sparse", "");
      truncateSync(sparse, 2 ** 40);
      expect(readBounded(sparse, 1024)).toEqual({ kind: "too_large", size: 2 ** 40 });
    });
  });

  describe("when the file grows between stat and read", () => {
    it("holds the bound for what is read", () => {
      const path = dir.write("a", "hello");
      const { fstatSync } = fs;
      vi.mocked(fs.fstatSync).mockImplementationOnce((descriptor: number) => {
        const stat = fstatSync(descriptor);
        appendFileSync(path, Buffer.alloc(100_000));
        return stat;
      });
      expect(readBounded(path, 1000).kind).toBe("too_large");
    });
  });

  describe("when there is no such file", () => {
    it("is absent, also below a file", () => {
      const file = dir.write("a", "");
      expect(readBounded(dir.at("b"), 10)).toEqual({ kind: "absent" });
      expect(readBounded(`${file}/b`, 10)).toEqual({ kind: "absent" });
    });
  });

  describe("when the last component is a link", () => {
    it("does not follow it", () => {
      symlinkSync(dir.write("a", "secret"), dir.at("link"));
      expect(readBounded(dir.at("link"), 100)).toEqual({ kind: "unreadable", errno: "ELOOP" });
    });
  });

  describe("when it is not a regular file", () => {
    it("does not wait for a writer of a FIFO", () => {
      execFileSync("mkfifo", [dir.at("pipe")]);
      expect(readBounded(dir.at("pipe"), 100)).toEqual({ kind: "not_regular" });
    });

    it("says so of a directory and a device", () => {
      expect(readBounded(dir.path, 100)).toEqual({ kind: "not_regular" });
      expect(readBounded("/dev/zero", 100)).toEqual({ kind: "not_regular" });
    });

    it("cannot open a socket, and says so", async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(dir.at("sock"), resolve));
      expect(readBounded(dir.at("sock"), 100)).toEqual({ kind: "unreadable", errno: "ENXIO" });
      await new Promise((resolve) => server.close(resolve));
    });
  });

  describe("whatever happens", () => {
    it("closes the descriptor", () => {
      const path = dir.write("a", "hello");
      const before = openSync(path, "r");
      fs.closeSync(before);
      for (const bound of [1, 100]) readBounded(path, bound);
      const after = openSync(path, "r");
      fs.closeSync(after);
      expect(after).toBe(before);
    });
  });
});
