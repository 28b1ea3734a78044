import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { joinKey } from "../../src/fs/keys.ts";
import { listDirectory } from "../../src/sweep/list.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

describe("listDirectory", () => {
  describe("when there are entries of every type", () => {
    it("names each with its type, and follows no link", () => {
      dir.write("file", "");
      mkdirSync(dir.at("directory"));
      symlinkSync("directory", dir.at("link"));
      execFileSync("mkfifo", [dir.at("pipe")]);
      const listing = listDirectory(dir.path, 100);
      if (listing.kind !== "listed") throw new Error(listing.kind);
      expect(Object.fromEntries(listing.entries.map(({ path, type }) => [path, type]))).toEqual({
        [dir.at("file")]: "file",
        [dir.at("directory")]: "directory",
        [dir.at("link")]: "symlink",
        [dir.at("pipe")]: "other",
      });
    });
  });

  describe("when a name is not UTF-8", () => {
    it("keeps its bytes", () => {
      const name = Buffer.from([0x61, 0xff, 0xfe]);
      writeFileSync(Buffer.concat([Buffer.from(`${dir.path}/`), name]), "");
      const listing = listDirectory(dir.path, 100);
      expect(listing).toMatchObject({ entries: [{ path: joinKey(dir.path, name), type: "file" }] });
    });
  });

  describe("when names hold U+FFFD themselves beside one that is not UTF-8", () => {
    it("tells them apart", () => {
      const names = [Buffer.from("\uFFFD"), Buffer.from([0xff]), Buffer.from("plain")];
      for (const name of names)
        writeFileSync(Buffer.concat([Buffer.from(`${dir.path}/`), name]), "");
      const listing = listDirectory(dir.path, 3);
      if (listing.kind !== "listed") throw new Error(listing.kind);
      expect(listing.entries.map(({ path }) => path).toSorted()).toEqual(
        names.map((name) => joinKey(dir.path, name)).toSorted(),
      );
      expect(listDirectory(dir.path, 2)).toMatchObject({ complete: false });
    });
  });

  describe("when there are more than the limit", () => {
    it("stops, and says that it is not all", () => {
      for (const name of ["1", "2", "3"]) dir.write(name, "");
      expect(listDirectory(dir.path, 2)).toMatchObject({ complete: false, entries: { length: 2 } });
      expect(listDirectory(dir.path, 3)).toMatchObject({ complete: true, entries: { length: 3 } });
    });
  });

  describe("when it is not there, or no directory", () => {
    it("is absent", () => {
      expect(listDirectory(dir.at("missing"), 9)).toEqual({ kind: "absent" });
      expect(listDirectory(dir.write("file", ""), 9)).toEqual({ kind: "absent" });
      symlinkSync("circle", dir.at("circle"));
      expect(listDirectory(dir.at("circle"), 9)).toEqual({ kind: "absent" });
    });
  });
});
