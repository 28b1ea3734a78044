import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeFiles, whyUnread } from "../src/index.ts";

// Windows has no pipes with a path in a directory.
const posixOnly = it.skipIf(process.platform === "win32");
const files = nodeFiles();
let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sigil-host-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe("nodeFiles().read", () => {
  it("gives text and owner", async () => {
    const path = join(dir, "a");
    writeFileSync(path, "hé\0", { mode: 0o600 });
    const outcome = await files.read(path);
    expect(outcome).toMatchObject({ kind: "read", text: "hé\0" });
    if (process.platform !== "win32") {
      expect(outcome).toMatchObject({ facts: { uid: process.getuid?.(), mode: 0o600 } });
    }
  });

  it("allows exactly the limit and refuses one byte more", async () => {
    const path = join(dir, "a");
    writeFileSync(path, "x".repeat(10));
    expect(await files.read(path, { maxBytes: 10 })).toMatchObject({ kind: "read" });
    expect(await files.read(path, { maxBytes: 9 })).toEqual({ kind: "too_large", maxBytes: 9 });
  });

  // Only Linux has /proc.
  it.skipIf(process.platform !== "linux")("bounds files that claim to be empty", async () => {
    expect(await files.read("/proc/self/maps", { maxBytes: 16 })).toMatchObject({
      kind: "too_large",
    });
  });

  it("follows a link only when told to", async () => {
    const path = join(dir, "link");
    writeFileSync(join(dir, "a"), "target");
    symlinkSync(join(dir, "a"), path);
    expect(await files.read(path)).toEqual({ kind: "unreadable", reason: "symlink" });
    expect(await files.read(path, { follow: true })).toMatchObject({ text: "target" });
  });

  posixOnly("does not hang on a FIFO", async () => {
    const path = join(dir, "fifo");
    execFileSync("mkfifo", [path]);
    expect(await files.read(path)).toEqual({ kind: "unreadable", reason: "not_regular" });
  });

  it("tells absent from unreadable", async () => {
    writeFileSync(join(dir, "a"), "");
    expect(await files.read(join(dir, "none"))).toEqual({ kind: "absent" });
    expect(await files.read(join(dir, "a", "b"))).toEqual({ kind: "absent" });
    expect(await files.read("/etc/\0passwd")).toMatchObject({ kind: "unreadable" });
  });
});

describe("nodeFiles().directory", () => {
  it("sees directories, also through a link, and nothing else", async () => {
    mkdirSync(join(dir, "d"));
    symlinkSync(join(dir, "d"), join(dir, "link"));
    writeFileSync(join(dir, "a"), "");
    expect(await files.directory(join(dir, "d"))).not.toBeNull();
    expect(await files.directory(join(dir, "link"))).not.toBeNull();
    expect(await files.directory(join(dir, "a"))).toBeNull();
    expect(await files.directory(join(dir, "none"))).toBeNull();
    expect(await files.directory("/\0")).toBeNull();
  });
});

describe("whyUnread", () => {
  it("says why in one phrase", () => {
    expect(whyUnread({ kind: "absent" })).toBe("absent");
    expect(whyUnread({ kind: "too_large", maxBytes: 9 })).toBe("over 9 bytes");
    expect(whyUnread({ kind: "unreadable", reason: "EACCES" })).toBe("unreadable (EACCES)");
  });
});
