import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  EXPECTED,
  type ModeReport,
  type ModeStats,
  formatMode,
  inspectMode,
  ownedBySelfOrRoot,
} from "../src/index.ts";
import { fault } from "./fake.ts";

function stats(kind: "file" | "directory" | "socket", mode: number, uid = 1000): ModeStats {
  return {
    uid,
    gid: 1000,
    mode,
    isFile: () => kind === "file",
    isDirectory: () => kind === "directory",
    isSocket: () => kind === "socket",
  };
}

function codes(report: ModeReport): string[] {
  return report.problems.map(({ code }) => code);
}

async function judge(given: ModeStats, expected: keyof typeof EXPECTED): Promise<string[]> {
  const options = { platform: "linux" as const, self: 1000, lstat: async () => given };
  return codes(await inspectMode("/x", EXPECTED[expected], options));
}

function failingWith(code: string): Promise<ModeReport> {
  const failing = () => Promise.reject(fault(code));
  return inspectMode("/x", EXPECTED.file, { platform: "linux", lstat: failing });
}

describe("inspectMode", () => {
  describe("when the path is as expected or stricter", () => {
    it.each([
      ["directory", stats("directory", 0o40750)],
      ["directory", stats("directory", 0o40700)],
      ["directory", stats("directory", 0o42750)],
      ["file", stats("file", 0o100640)],
      ["secret", stats("file", 0o100600)],
      ["secret", stats("file", 0o100400)],
      ["secret", stats("file", 0o100600, 0)],
      ["socket", stats("socket", 0o140755)],
    ] as const)("finds nothing (%s)", async (expected, given) => {
      expect(await judge(given, expected)).toEqual([]);
    });
  });

  describe("when it drifted", () => {
    it.each([
      ["directory", stats("directory", 0o40751), "too_open"],
      ["directory", stats("directory", 0o40770), "too_open"],
      ["file", stats("file", 0o100644), "too_open"],
      ["file", stats("file", 0o100604), "too_open"],
      ["file", stats("file", 0o104640), "too_open"],
      ["secret", stats("file", 0o100640), "too_open"],
      ["secret", stats("file", 0o100600, 1001), "foreign_owner"],
      ["secret", stats("directory", 0o40700), "wrong_kind"],
      ["directory", stats("file", 0o100600), "wrong_kind"],
    ] as const)("says how (%s)", async (expected, given, code) => {
      expect(await judge(given, expected)).toEqual([code]);
    });

    it("names both modes", async () => {
      const report = await inspectMode("/x", EXPECTED.secret, {
        platform: "macos",
        self: 1000,
        lstat: async () => stats("file", 0o100644),
      });
      expect(report).toEqual({
        path: "/x",
        observable: true,
        exists: true,
        mode: 0o644,
        uid: 1000,
        gid: 1000,
        problems: [{ code: "too_open", text: "has mode 0644, expected 0600 or stricter" }],
      });
    });
  });

  it("observes nothing on Windows", async () => {
    const report = await inspectMode("C:\\x", EXPECTED.file, { platform: "windows" });
    expect(report).toMatchObject({ observable: false, exists: null, mode: null, problems: [] });
  });

  it("tells absent from unreadable", async () => {
    expect(await failingWith("ENOENT")).toMatchObject({ exists: false, problems: [] });
    expect(await failingWith("EACCES")).toMatchObject({
      exists: null,
      problems: [{ code: "unreadable", text: "cannot be inspected (EACCES)" }],
    });
  });
});

// Windows has no permission bits.
describe.skipIf(process.platform === "win32")("inspectMode on real files", () => {
  let dir = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sigil-host-"));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it("sees modes and does not change them", async () => {
    mkdirSync(join(dir, "d"));
    chmodSync(join(dir, "d"), 0o777);
    expect(codes(await inspectMode(join(dir, "d"), EXPECTED.directory))).toEqual(["too_open"]);
    expect((await inspectMode(join(dir, "d"), EXPECTED.directory)).mode).toBe(0o777);
    chmodSync(join(dir, "d"), 0o700);
    expect(codes(await inspectMode(join(dir, "d"), EXPECTED.directory))).toEqual([]);
  });

  it("does not follow a link", async () => {
    writeFileSync(join(dir, "key"), "", { mode: 0o600 });
    symlinkSync(join(dir, "key"), join(dir, "link"));
    expect(codes(await inspectMode(join(dir, "link"), EXPECTED.secret))).toEqual(["wrong_kind"]);
  });
});

describe("ownedBySelfOrRoot", () => {
  it("knows the two and no one else", () => {
    expect(ownedBySelfOrRoot({ uid: 0 }, 1000)).toBe(true);
    expect(ownedBySelfOrRoot({ uid: 1000 }, 1000)).toBe(true);
    expect(ownedBySelfOrRoot({ uid: 1001 }, 1000)).toBe(false);
    expect(ownedBySelfOrRoot({ uid: 1000 }, 0)).toBe(false);
    expect(ownedBySelfOrRoot({ uid: 7 }, null)).toBe(true);
  });
});

describe("formatMode", () => {
  it("gives four octal digits", () => {
    expect(formatMode(0o40)).toBe("0040");
    expect(formatMode(0o4755)).toBe("4755");
  });
});
