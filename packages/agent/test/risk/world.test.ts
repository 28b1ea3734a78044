import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, lstatSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileFacts, FileView, World } from "@sigil/risk";
import { tempDir, type TempDir } from "@sigil/testkit";
import { loadHasher } from "@sigil/ports/hash";
import { createWorld, type WorldInput } from "../../src/risk/world.ts";

const ROOT = process.getuid?.() === 0;
const hasher = loadHasher();

let dir: TempDir;
beforeEach(() => void (dir = tempDir()));
afterEach(() => dir.remove());

function world(given: Partial<WorldInput> = {}): World {
  return createWorld({
    platform: "linux",
    env: {},
    homeOwner: lstatSync(dir.path).uid,
    linkOwners: null,
    hasher,
    tracked: new Map(),
    isPrivateGroup: (uid, gid) => uid === gid,
    ...given,
  });
}

function textOf(view: FileView): string {
  if (view.kind !== "read") throw new Error(`it is ${view.kind}`);
  return view.text;
}

function factsOf(view: FileView): FileFacts {
  if (view.kind !== "read") throw new Error(`it is ${view.kind}`);
  return view.facts;
}

// Windows has no permission bits and no owners by number.
describe.skipIf(process.platform === "win32")("createWorld: read", () => {
  describe("when a file is plain", () => {
    it("gives text, digest and facts", () => {
      const path = dir.write("a/f", "héllo");
      chmodSync(path, 0o640);
      const view = world().read(path, 100);
      expect(view).toMatchObject({ kind: "read", text: "héllo", binary: false });
      expect(view.kind === "read" && view.digest).toMatch(/^blake3:[0-9a-f]{64}$/);
      expect(factsOf(view)).toEqual({
        realPath: path,
        links: [],
        size: 6,
        mode: 0o640,
        owner: "user",
        writableByOthers: false,
        adminOnly: false,
      });
    });

    it("keeps a byte order mark and marks what is no text", () => {
      expect(textOf(world().read(dir.write("bom", "\uFEFFx"), 9))).toBe("\uFEFFx");
      for (const bytes of [
        [0x61, 0xff],
        [0x61, 0, 0x62],
      ])
        expect(world().read(dir.write("bin", Uint8Array.from(bytes)), 9)).toMatchObject({
          binary: true,
        });
    });

    it("reads up to the limit and no more", () => {
      const path = dir.write("f", "x".repeat(100));
      expect(textOf(world().read(path, 100))).toHaveLength(100);
      expect(world().read(path, 99)).toMatchObject({ kind: "too_large", size: 100 });
      expect(textOf(world().read(dir.write("empty", ""), 0))).toBe("");
    });
  });

  describe("when there is no file to read", () => {
    it("says what there is", () => {
      const here = world();
      spawnSync("mkfifo", [dir.at("fifo")]);
      dir.write("f", "");
      expect(here.read(dir.at("none"), 9)).toEqual({ kind: "absent" });
      expect(here.read(dir.at("f/below"), 9)).toEqual({ kind: "absent" });
      expect(here.read(dir.mkdir("d"), 9)).toEqual({ kind: "directory", realPath: dir.at("d") });
      expect(here.read(dir.at("fifo"), 9)).toEqual({ kind: "not_regular" });
    });

    it.each(["relative", "", "/a\0b", `/${"x/".repeat(9000)}`])("takes %j for absent", (path) => {
      expect(world().read(path, 9)).toEqual({ kind: "absent" });
    });

    it("does not look where looking would call another machine", () => {
      expect(world().read("/net/evil.example/x.sh", 9)).toEqual({
        kind: "unreadable",
        why: "remote",
      });
      symlinkSync("/net/evil.example/x.sh", dir.at("link"));
      expect(world().read(dir.at("link"), 9)).toMatchObject({ why: "remote" });
      expect(world({ platform: "windows" }).read("//server/share/x", 9)).toMatchObject({
        why: "remote",
      });
    });

    it("does not read what the kernel makes up", () => {
      symlinkSync("/proc/self/environ", dir.at("link"));
      const seen = world().read(dir.at("link"), 9);
      expect(seen.kind).toBe(process.platform === "linux" ? "not_regular" : "absent");
    });
  });

  describe("when links are on the way", () => {
    it("follows them and names each", () => {
      dir.write("real/d/f", "text");
      symlinkSync("real", dir.at("one"));
      symlinkSync("../one/d/f", dir.at("real/two"));
      const facts = factsOf(world().read(dir.at("one/two"), 9));
      expect(facts.realPath).toBe(dir.at("real/d/f"));
      expect(facts.links).toEqual([dir.at("one"), dir.at("real/two"), dir.at("one")]);
    });

    it("goes up from where a linked directory leads", () => {
      dir.write("far/f", "far");
      dir.mkdir("far/deep");
      dir.mkdir("near");
      symlinkSync(dir.at("far/deep"), dir.at("near/linked"));
      symlinkSync("linked/../f", dir.at("near/link"));
      expect(textOf(world().read(dir.at("near/link"), 9))).toBe("far");
    });

    it("ends at a loop and at a link that leads nowhere", () => {
      symlinkSync("b", dir.at("a"));
      symlinkSync("a", dir.at("b"));
      symlinkSync("nowhere", dir.at("c"));
      expect(world().read(dir.at("a"), 9)).toEqual({ kind: "unreadable", why: "loop" });
      expect(world().read(dir.at("c"), 9)).toEqual({ kind: "absent" });
    });

    // Only root can give a file to another user.
    it.runIf(ROOT)("as root does not follow one to a file of neither root nor the user", () => {
      chownSync(dir.write("theirs", "x"), 4242, 4242);
      symlinkSync("theirs", dir.at("link"));
      const owners = { linkOwners: new Set([0, 1000]) };
      expect(world(owners).read(dir.at("link"), 9)).toEqual({
        kind: "unreadable",
        why: "not_followed",
      });
      expect(textOf(world(owners).read(dir.at("theirs"), 9))).toBe("x");
      expect(textOf(world().read(dir.at("link"), 9))).toBe("x");
    });
  });

  describe("when it asks who may write a file", () => {
    const writable = (mode: number, gid?: number) => {
      const path = dir.write("f", "");
      chmodSync(path, mode);
      if (gid !== undefined) chownSync(path, lstatSync(path).uid, gid);
      return factsOf(world().read(path, 9)).writableByOthers;
    };

    it("sees the bit of others", () => {
      expect(writable(0o602)).toBe(true);
      expect(writable(0o644)).toBe(false);
    });

    // Only root can give a file to a foreign group.
    it.runIf(ROOT)("sees the bit of a group that is not the owner's own", () => {
      expect(writable(0o660, 4242)).toBe(true);
      expect(writable(0o660, 0)).toBe(false);
      expect(writable(0o640, 4242)).toBe(false);
    });

    // Only root can give a file to another user.
    it.runIf(ROOT)("tells the user from root and from others", () => {
      const path = dir.write("f", "");
      const owner = (homeOwner: number, uid: number) => {
        chownSync(path, uid, uid);
        return factsOf(world({ homeOwner }).read(path, 9)).owner;
      };
      expect(owner(1000, 1000)).toBe("user");
      expect(owner(1000, 0)).toBe("root");
      expect(owner(1000, 1001)).toBe("other");
      expect(owner(0, 0)).toBe("user");
    });

    // As root on Linux only: /etc is an administrator's alone there, whoever else runs the tests.
    it.runIf(ROOT && process.platform === "linux")("asks every parent and every link", () => {
      expect(factsOf(world().read("/etc/passwd", 1e6)).adminOnly).toBe(true);
      // Below /tmp, where anyone may make names.
      expect(factsOf(world().read(dir.write("f", ""), 9)).adminOnly).toBe(false);
      symlinkSync("/etc/passwd", dir.at("link"));
      expect(factsOf(world().read(dir.at("link"), 1e6)).adminOnly).toBe(false);
    });

    it("cannot tell on Windows", () => {
      const facts = factsOf(world({ platform: "windows" }).read(dir.write("f", ""), 9));
      expect(facts).toMatchObject({ mode: null, owner: null, writableByOthers: null });
    });
  });
});

// Windows makes links for administrators only.
describe.skipIf(process.platform === "win32")("createWorld: list", () => {
  it("sorts, bounds and tells kinds", () => {
    dir.write("d/b", "");
    dir.mkdir("d/a");
    symlinkSync("b", dir.at("d/c"));
    expect(world().list(dir.at("d"), 9)).toEqual([
      { name: "a", kind: "directory" },
      { name: "b", kind: "file" },
      { name: "c", kind: "link" },
    ]);
    expect(world().list(dir.at("d"), 2)).toHaveLength(2);
  });

  it("follows a link to a directory, and has nothing for a file or for nothing", () => {
    dir.write("d/f", "");
    symlinkSync("d", dir.at("link"));
    expect(world().list(dir.at("link"), 9)).toHaveLength(1);
    expect(world().list(dir.at("d/f"), 9)).toEqual([]);
    expect(world().list(dir.at("none"), 9)).toEqual([]);
  });
});

// Windows has no bit that says executable.
describe.skipIf(process.platform === "win32")("createWorld: program", () => {
  const program = (name: string, mode = 0o755) => {
    chmodSync(dir.write(name, "#!/bin/sh\n"), mode);
  };

  it("takes the first executable file on PATH, and none of a relative entry", () => {
    program("one/tool", 0o644);
    program("two/tool");
    const env = { PATH: `.::${dir.at("one")}:${dir.at("two")}` };
    expect(world({ env }).program("tool")).toEqual({ path: dir.at("two/tool"), trusted: false });
    expect(world({ env }).program("other")).toBeNull();
    expect(world({ env }).program("two/tool")).toBeNull();
  });

  // As root on Linux only: the directories on PATH belong to the user who asks.
  it.runIf(ROOT && process.platform === "linux")("trusts the system's own directories", () => {
    expect(world().program("sh")).toMatchObject({ trusted: true });
  });
});

describe("createWorld: the rest", () => {
  it("answers from what was asked of git, and tells what was not", () => {
    const untold: string[] = [];
    const tracked = new Map([["/a/b", true]]);
    const here = world({ tracked, onUntold: (path) => untold.push(path) });
    expect(here.tracked("/a/b")).toBe(true);
    expect(here.tracked("/a/./c")).toBeNull();
    expect(untold).toEqual(
      ["/a/c"].map((path) => path.replaceAll("/", process.platform === "win32" ? "\\" : "/")),
    );
  });

  it("parses URLs with IDNA and brackets off", () => {
    expect(world().url("https://u:p@BÜCHER.example:8443/p?q=1")).toEqual({
      scheme: "https",
      host: "xn--bcher-kva.example",
      port: "8443",
      path: "/p",
      credentials: true,
      query: true,
    });
    expect(world().url("http://[::1]:80/")).toMatchObject({ host: "::1", port: "" });
    expect(world().url("not a url")).toBeNull();
  });

  it.each([
    ["cm0gLXJmIC8=", "rm -rf /"],
    ["cm0gLXJmIC8", "rm -rf /"],
    ["cm0g\nLXJmIC8=\n", "rm -rf /"],
    ["8J-YgA", "😀"],
    ["a", null],
    ["rm -rf /", null],
    ["", null],
  ])("decodes base64 %j", (text, expected) => {
    expect(world().base64(text)).toBe(expected);
  });

  it("hashes parts so that no two lists share a digest", () => {
    const { hash, sha256 } = world();
    expect(hash(["ab", "c"])).not.toBe(hash(["a", "bc"]));
    expect(hash(["a"])).toMatch(/^blake3:[0-9a-f]{64}$/);
    expect(sha256("abc")).toMatch(/^ba7816bf[0-9a-f]{56}$/);
  });
});
