import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storedUuid } from "../src/index.ts";
import { fault, memoryFiles } from "./fake.ts";

const UUID = "3f0c8c52-6d3e-4a1c-9b57-0d1e2f3a4b5c";
// Windows has no permission bits and no owners by number.
const posixOnly = it.skipIf(process.platform === "win32");
let dir = "";
let file = "";

function failing(code: string) {
  return () => Promise.reject(fault(code));
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sigil-host-"));
  file = join(dir, "state", "host-id");
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function put(text: string, mode = 0o600): void {
  mkdirSync(dirname(file));
  writeFileSync(file, text);
  chmodSync(file, mode);
}

describe("storedUuid", () => {
  describe("when there is none", () => {
    it("makes one that stays", async () => {
      const made = await storedUuid({ file, create: true });
      expect(made.kind).toBe("created");
      expect(await storedUuid({ file, create: true })).toEqual({ ...made, kind: "found" });
      expect(readdirSync(dirname(file))).toEqual(["host-id"]);
    });

    posixOnly("makes it 0600 in a directory of 0750 or stricter", async () => {
      await storedUuid({ file, create: true });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(file)).mode & 0o027).toBe(0);
    });

    it("makes nothing when it may not", async () => {
      expect(await storedUuid({ file, create: false })).toEqual({ kind: "absent", file });
      expect(readdirSync(dir)).toEqual([]);
    });

    it("gives everyone the same id when many make it at once", async () => {
      const all = await Promise.all(
        Array.from({ length: 20 }, () => storedUuid({ file, create: true })),
      );
      const ids = new Set(all.map((one) => (one.kind === "absent" ? null : one.uuid)));
      expect(ids.size).toBe(1);
      expect(all.filter((one) => one.kind === "created")).toHaveLength(1);
      expect(readdirSync(dirname(file))).toEqual(["host-id"]);
    });

    it("keeps one where the file system has no hard links", async () => {
      const made = await storedUuid({ file, create: true, link: failing("EPERM") });
      expect(await storedUuid({ file, create: true })).toEqual({ ...made, kind: "found" });
      expect(readdirSync(dirname(file))).toEqual(["host-id"]);
    });

    it("leaves nothing behind when the last step fails", async () => {
      await expect(
        storedUuid({ file, create: true, link: failing("ENOSPC") }),
      ).rejects.toMatchObject({
        code: "SIGIL_HOST_ID_UNWRITABLE",
      });
      expect(readdirSync(dirname(file))).toEqual([]);
    });

    it("fails when the winner's file vanishes at once", async () => {
      await expect(
        storedUuid({ file, create: true, link: failing("EEXIST") }),
      ).rejects.toMatchObject({
        code: "SIGIL_HOST_ID_UNWRITABLE",
        message: expect.stringContaining("vanished"),
      });
    });

    it("fails with a code when it cannot be stored", async () => {
      writeFileSync(join(dir, "state"), "in the way");
      await expect(storedUuid({ file, create: true })).rejects.toMatchObject({
        code: "SIGIL_HOST_ID_UNWRITABLE",
      });
    });
  });

  describe("when there is one", () => {
    it("reads it, whatever its case and final newline", async () => {
      put(`${UUID.toUpperCase()}\r\n`);
      expect(await storedUuid({ file, create: true })).toEqual({ kind: "found", uuid: UUID, file });
    });

    it.each(["", "not a uuid", `${UUID}\n${UUID}`, UUID.replaceAll(/[^-]/g, "0"), "x".repeat(257)])(
      "refuses %j and leaves it",
      async (text) => {
        put(text);
        await expect(storedUuid({ file, create: true })).rejects.toMatchObject({
          code: "SIGIL_HOST_ID_CORRUPT",
        });
        expect(readFileSync(file, "utf8")).toBe(text);
      },
    );

    it("refuses a link, also a dangling one", async () => {
      mkdirSync(dirname(file));
      symlinkSync(join(dir, "target"), file);
      const refused = { code: "SIGIL_HOST_ID_UNTRUSTED" };
      await expect(storedUuid({ file, create: true })).rejects.toMatchObject(refused);
      writeFileSync(join(dir, "target"), UUID);
      await expect(storedUuid({ file, create: true })).rejects.toMatchObject(refused);
      expect(readFileSync(join(dir, "target"), "utf8")).toBe(UUID);
    });

    it("refuses a directory in its place", async () => {
      mkdirSync(file, { recursive: true });
      await expect(storedUuid({ file, create: true })).rejects.toMatchObject({
        code: expect.stringMatching(/^SIGIL_HOST_ID_UN(?:TRUSTED|READABLE)$/),
      });
    });

    posixOnly.each([0o620, 0o602])("refuses mode %o", async (mode) => {
      put(UUID, mode);
      await expect(storedUuid({ file, create: true })).rejects.toMatchObject({
        code: "SIGIL_HOST_ID_UNTRUSTED",
      });
    });

    // Only root can give a file to another user.
    it.skipIf(process.getuid?.() !== 0)("refuses another user's file", async () => {
      put(UUID);
      chownSync(file, 65_534, 65_534);
      await expect(storedUuid({ file, create: true })).rejects.toMatchObject({
        code: "SIGIL_HOST_ID_UNTRUSTED",
      });
    });

    it("tells an unreadable file from an untrusted one", async () => {
      const files = memoryFiles({ [file]: { kind: "unreadable", reason: "EACCES" } });
      await expect(storedUuid({ file, create: true, files })).rejects.toMatchObject({
        code: "SIGIL_HOST_ID_UNREADABLE",
      });
    });
  });
});
