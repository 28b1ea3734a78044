import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { realFiles, tempDir } from "./support.ts";

// Windows makes links for administrators only and has no permission bits.
describe.skipIf(process.platform === "win32")("nodeFiles", () => {
  describe("when a path is a link", () => {
    it("opens and creates nothing through it", async () => {
      const dir = tempDir();
      const [target, link] = [join(dir, "target"), join(dir, "link")];
      writeFileSync(target, "x");
      symlinkSync(target, link);
      for (const opening of [realFiles.openRead(link), realFiles.openWrite(link)]) {
        await expect(opening).rejects.toMatchObject({ code: "ELOOP" });
      }
      await expect(realFiles.create(link)).rejects.toMatchObject({ code: "EEXIST" });
      symlinkSync(join(dir, "none"), join(dir, "dangling"));
      await expect(realFiles.create(join(dir, "dangling"))).rejects.toMatchObject({
        code: "EEXIST",
      });
      expect(readdirSync(dir)).not.toContain("none");
      expect((await realFiles.lstat(link))?.kind).toBe("link");
    });
  });

  describe("when nothing is there", () => {
    it("says null", async () => {
      expect(await realFiles.lstat(join(tempDir(), "none", "deeper"))).toBeNull();
    });
  });

  describe("when it makes directories", () => {
    it("makes their parents too, and keeps a set-group-id bit it inherits", async () => {
      const dir = join(tempDir(), "a", "b", "c");
      await realFiles.mkdir(dir);
      expect(statSync(dir).mode & 0o7777).toBe(0o750);
      const parent = join(tempDir(), "group");
      mkdirSync(parent, { mode: 0o2750 });
      const umask = process.umask(0o077);
      try {
        await realFiles.mkdir(join(parent, "inside"));
      } finally {
        process.umask(umask);
      }
      const inherited = statSync(parent).mode & 0o2000;
      expect(statSync(join(parent, "inside")).mode & 0o7777).toBe(0o750 | inherited);
    });
  });

  describe("when a file ends before the buffer does", () => {
    it("gives what there is", async () => {
      const path = join(tempDir(), "file");
      const handle = await realFiles.create(path);
      await handle.write(new Uint8Array(10).fill(7), 5);
      expect(await handle.read(new Uint8Array(20), 8)).toBe(7);
      await handle.truncate(3);
      expect((await handle.stat()).size).toBe(3);
      await handle.close();
    });
  });
});
