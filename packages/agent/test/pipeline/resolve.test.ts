import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { keyOfBytes } from "../../src/fs/keys.ts";
import { isGone, MAX_HOPS, resolvePath } from "../../src/pipeline/resolve.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

/** A chain of `count` links that ends at a file. @returns the first link */
function chain(count: number): string {
  dir.write("end", "x");
  for (let index = 1; index <= count; index += 1)
    symlinkSync(index === 1 ? "end" : `l${index - 1}`, dir.at(`l${index}`));
  return dir.at(`l${count}`);
}

describe("resolvePath", () => {
  describe("when the path is no link", () => {
    it("finds files, special files and directories, and what is not there", () => {
      const file = dir.write("a", "x");
      expect(resolvePath(file, true)).toMatchObject({
        kind: "found",
        final: file,
        link: null,
        hops: [],
      });
      expect(resolvePath("/dev/null", true).kind).toBe("found");
      expect(resolvePath(dir.path, true).kind).toBe("directory");
      expect(resolvePath(dir.at("b"), true)).toEqual({ kind: "absent" });
      expect(resolvePath(`${file}/b`, true)).toEqual({ kind: "absent" });
    });
  });

  describe("when the link is relative", () => {
    it("resolves it against the directory the link is in", () => {
      const file = dir.write("real/settings.json", "x");
      dir.mkdir("home/.claude");
      symlinkSync("../../real/./settings.json", dir.at("home/.claude/settings.json"));
      expect(resolvePath(dir.at("home/.claude/settings.json"), true)).toMatchObject({
        kind: "found",
        final: file,
        link: "../../real/./settings.json",
        hops: [file],
      });
    });
  });

  describe("when the link is absolute", () => {
    it("takes it as it stands", () => {
      const file = dir.write("real", "x");
      symlinkSync(file, dir.at("link"));
      expect(resolvePath(dir.at("link"), true)).toMatchObject({ final: file, hops: [file] });
    });
  });

  describe("when `..` comes after a linked directory", () => {
    it("goes up from where that link leads", () => {
      const right = dir.write("far/f", "right");
      dir.write("near/f", "wrong");
      dir.mkdir("far/deep");
      dir.mkdir("near/x");
      symlinkSync(dir.at("far/deep"), dir.at("near/x/linked"));
      symlinkSync("linked/../f", dir.at("near/x/link"));
      expect(resolvePath(dir.at("near/x/link"), true)).toMatchObject({ final: right });
    });

    it("does so too when the link's own directory is reached through a link", () => {
      const right = dir.write("far/f", "right");
      dir.write("near/f", "wrong");
      dir.mkdir("far/deep");
      dir.mkdir("near");
      symlinkSync("../f", dir.at("far/deep/link"));
      symlinkSync(dir.at("far/deep"), dir.at("near/deep"));
      expect(resolvePath(dir.at("near/deep/link"), true)).toMatchObject({ final: right });
    });
  });

  describe("when links lead through links", () => {
    it("names every hop in order", () => {
      expect(resolvePath(chain(3), true)).toMatchObject({
        kind: "found",
        link: "l2",
        final: dir.at("end"),
        hops: [dir.at("l2"), dir.at("l1"), dir.at("end")],
      });
    });

    it("follows eight hops and no more", () => {
      expect(resolvePath(chain(MAX_HOPS), true).kind).toBe("found");
      const deep = dir.at("l9");
      symlinkSync("l8", deep);
      expect(resolvePath(deep, true)).toMatchObject({ kind: "link", why: "loop", link: "l8" });
    });
  });

  describe("when links lead in a circle", () => {
    it("ends, and says it is a loop", () => {
      symlinkSync("b", dir.at("a"));
      symlinkSync("a", dir.at("b"));
      expect(resolvePath(dir.at("a"), true)).toMatchObject({ kind: "link", why: "loop" });
    });

    it("says so too of a circle of directories on the way", () => {
      symlinkSync("b", dir.at("a"));
      symlinkSync("a", dir.at("b"));
      symlinkSync("a/file", dir.at("link"));
      expect(resolvePath(dir.at("link"), true)).toMatchObject({ kind: "link", why: "loop" });
    });
  });

  describe("when a directory above the path leads in a circle", () => {
    it("is absent: nobody reaches anything there", () => {
      symlinkSync("b", dir.at("a"));
      symlinkSync("a", dir.at("b"));
      expect(resolvePath(dir.at("a/file"), true)).toEqual({ kind: "absent" });
      expect(isGone(dir.at("a/file"))).toBe(true);
    });
  });

  describe("when the link leads nowhere", () => {
    it("is dangling, with the place to watch", () => {
      symlinkSync("missing", dir.at("link"));
      expect(resolvePath(dir.at("link"), true)).toMatchObject({
        kind: "link",
        why: "dangling",
        link: "missing",
        hops: [dir.at("missing")],
      });
    });

    it.each(["missing/deeper/file", "file/x/y", "missing/../other"])(
      "is dangling too when a directory on the way is missing: %s",
      (target) => {
        dir.write("file", "");
        symlinkSync(target, dir.at("link"));
        const resolved = resolvePath(dir.at("link"), true);
        expect(resolved).toMatchObject({ kind: "link", why: "dangling", link: target });
      },
    );
  });

  describe("when the link leads to a directory", () => {
    it("says so", () => {
      mkdirSync(dir.at("d"));
      symlinkSync("d", dir.at("link"));
      symlinkSync(".", dir.at("dot"));
      expect(resolvePath(dir.at("link"), true)).toMatchObject({ kind: "link", why: "directory" });
      expect(resolvePath(dir.at("dot"), true)).toMatchObject({ kind: "link", why: "directory" });
    });
  });

  describe("when links are not to be followed", () => {
    it("looks at the link alone", () => {
      symlinkSync(dir.write("a", "x"), dir.at("link"));
      expect(resolvePath(dir.at("link"), false)).toMatchObject({
        kind: "link",
        why: "not_followed",
        hops: [],
      });
    });
  });

  describe("when the link's text is not UTF-8", () => {
    it("leads to those very bytes", () => {
      const real = Buffer.concat([Buffer.from(`${dir.path}/`), Buffer.from([0xfe, 0xff])]);
      writeFileSync(real, "x");
      symlinkSync(Buffer.from([0xfe, 0xff]), dir.at("link"));
      expect(resolvePath(dir.at("link"), true)).toMatchObject({
        kind: "found",
        final: keyOfBytes(real),
        link: "\uFFFD\uFFFD",
      });
    });
  });
});
