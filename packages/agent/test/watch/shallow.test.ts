import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { bytesOfKey, joinKey } from "../../src/fs/keys.ts";
import { createShallowWatchers, type ShallowWatchers } from "../../src/watch/shallow.ts";

vi.mock("node:fs", { spy: true });

let dir: TempDir;
let watchers: ShallowWatchers;
let seen: string[];
let errors: string[];

function start(max = 100): void {
  seen = [];
  errors = [];
  watchers = createShallowWatchers(max, {
    onEntry: (directory, name) => void seen.push(joinKey(directory, name ?? "?")),
    onError: (directory, message) => void errors.push(`${directory} ${message}`),
  });
}

beforeEach(() => {
  dir = tempDir();
  start();
});
afterEach(() => {
  vi.restoreAllMocks();
  watchers.close();
  dir.remove();
});

describe("createShallowWatchers", () => {
  describe("when one directory is watched under several names", () => {
    it("tells those that still lead to it", () => {
      const real = dir.mkdir("real");
      dir.mkdir("other");
      const [one, two, three] = ["one", "two", "three"].map((name) => dir.at(name)) as [
        string,
        string,
        string,
      ];
      for (const link of [one, two, three]) fs.symlinkSync(real, link);
      for (const name of [real, one, two]) watchers.ensure(name);
      expect(watchers.namesOf(three)).toEqual([real, one, two]);
      fs.unlinkSync(one);
      fs.symlinkSync(dir.at("other"), one);
      watchers.drop(real);
      expect(watchers.namesOf(three)).toEqual([two]);
      expect(watchers.namesOf(one)).toEqual([]);
      expect(watchers.namesOf(dir.at("nothing"))).toEqual([]);
    });
  });

  describe("when a directory is watched", () => {
    it("names entries that come, change and go", async () => {
      expect(watchers.ensure(dir.path)).toBe("new");
      expect(watchers.ensure(dir.path)).toBe("kept");
      dir.write("a", "1");
      await eventually(() => seen.includes(dir.at("a")));
      seen.length = 0;
      fs.writeFileSync(dir.at("a"), "2");
      await eventually(() => seen.includes(dir.at("a")));
      seen.length = 0;
      fs.unlinkSync(dir.at("a"));
      await eventually(() => seen.includes(dir.at("a")));
    });

    it("keeps the bytes of a name that is not UTF-8", async () => {
      watchers.ensure(dir.path);
      const key = joinKey(dir.path, Buffer.from([0xff]));
      fs.writeFileSync(bytesOfKey(key), "");
      await eventually(() => seen.includes(key));
    });
  });

  describe("when another directory takes its place", () => {
    it("watches that one", async () => {
      const path = dir.mkdir("d");
      watchers.ensure(path);
      fs.renameSync(path, dir.at("away"));
      fs.mkdirSync(path);
      expect(watchers.ensure(path)).toBe("new");
      dir.write("d/a", "1");
      await eventually(() => seen.includes(dir.at("d/a")));
      expect(watchers.size).toBe(1);
    });

    it("does so too when it was deleted and made anew", async () => {
      const path = dir.mkdir("d");
      watchers.ensure(path);
      fs.rmdirSync(path);
      fs.mkdirSync(path);
      expect(watchers.ensure(path)).toBe("new");
      dir.write("d/a", "1");
      await eventually(() => seen.includes(dir.at("d/a")));
    });

    it("does so too when it is a link that leads elsewhere now", async () => {
      dir.mkdir("one");
      dir.mkdir("two");
      fs.symlinkSync("one", dir.at("link"));
      watchers.ensure(dir.at("link"));
      fs.unlinkSync(dir.at("link"));
      fs.symlinkSync("two", dir.at("link"));
      expect(watchers.ensure(dir.at("link"))).toBe("new");
      dir.write("two/a", "1");
      await eventually(() => seen.includes(dir.at("link/a")));
    });
  });

  describe("when there is no directory", () => {
    it("is absent, and is watched no longer", () => {
      expect(watchers.ensure(dir.at("missing"))).toBe("absent");
      expect(watchers.ensure(dir.write("file", ""))).toBe("absent");
      const path = dir.mkdir("d");
      watchers.ensure(path);
      fs.rmdirSync(path);
      expect(watchers.ensure(path)).toBe("absent");
      expect(watchers.has(path)).toBe(false);
    });
  });

  describe("when no more may be watched", () => {
    it("is exhausted at the setting's limit, and not for those it has", () => {
      start(1);
      expect(watchers.ensure(dir.mkdir("one"))).toBe("new");
      expect(watchers.ensure(dir.mkdir("two"))).toBe("exhausted");
      expect(watchers.ensure(dir.at("one"))).toBe("kept");
    });

    it.each(["ENOSPC", "EMFILE", "ENFILE"])("is exhausted when the system says %s", (code) => {
      vi.mocked(fs.watch).mockImplementationOnce(() => {
        throw Object.assign(new Error(code), { code });
      });
      expect(watchers.ensure(dir.path)).toBe("exhausted");
      expect(watchers.ensure(dir.path)).toBe("new");
    });

    it("is denied when the system says so", () => {
      vi.mocked(fs.watch).mockImplementationOnce(() => {
        throw Object.assign(new Error("EACCES"), { code: "EACCES" });
      });
      expect(watchers.ensure(dir.path)).toBe("denied");
    });
  });

  describe("when a watcher breaks", () => {
    it("is dropped, and told of once", () => {
      watchers.ensure(dir.path);
      const watcher = vi.mocked(fs.watch).mock.results.at(-1)?.value as fs.FSWatcher;
      watcher.emit("error", new Error("it broke"));
      expect(errors).toEqual([`${dir.path} it broke`]);
      expect(watchers.has(dir.path)).toBe(false);
      watcher.emit("error", new Error("again"));
      expect(errors).toHaveLength(1);
    });
  });

  describe("when what is watched below a path is asked for", () => {
    it("has it and all below, and no sibling that begins alike", () => {
      const raw = joinKey(dir.mkdir("d"), Buffer.from([0xff]));
      fs.mkdirSync(bytesOfKey(raw));
      const all = [dir.at("d"), dir.mkdir("d/e"), raw];
      for (const path of [...all, dir.mkdir("dd")]) watchers.ensure(path);
      expect(watchers.within(dir.at("d")).toSorted()).toEqual(all.toSorted());
    });
  });

  describe("when it is closed", () => {
    it("watches nothing", () => {
      watchers.ensure(dir.path);
      watchers.close();
      expect(watchers.size).toBe(0);
    });
  });
});
