import { describe, expect, it } from "vitest";
import { type StatFs, filesystemOf, filesystemType } from "../src/index.ts";
import { fault } from "./fake.ts";

const STATS: StatFs = { type: 0x6969n, bsize: 1n, blocks: 1n, bavail: 1n, files: 1n, ffree: 1n };

async function onlyMnt(path: string): Promise<StatFs> {
  if (path === "/mnt") return STATS;
  throw fault("ENOENT");
}

describe("filesystemType", () => {
  it.each([
    [0x0102_1994n, "tmpfs", "yes"],
    [0x794c_7630n, "overlay", "yes"],
    [0xef53n, "ext4", "yes"],
    [0x9123_683en, "btrfs", "yes"],
    [0x5846_5342n, "xfs", "yes"],
    [0x6969n, "nfs", "no"],
    [0x0102_1997n, "9p", "no"],
    [0xff53_4d42n, "cifs", "no"],
    [0xfe53_4d42n, "smb", "no"],
    [0x6573_5546n, "fuse", "no"],
  ] as const)("knows %x as %s", (type, name, deliversEvents) => {
    expect(filesystemType(type, "linux")).toEqual({ name, deliversEvents });
  });

  it("reads a negative number as unsigned", () => {
    const signed = BigInt.asIntN(32, 0x9123_683en);
    expect(signed).toBeLessThan(0n);
    expect(filesystemType(signed, "linux").name).toBe("btrfs");
    expect(filesystemType(Number(signed), "linux").name).toBe("btrfs");
  });

  it("shows a number it does not know", () => {
    expect(filesystemType(0xabcdn, "linux")).toEqual({ name: "0xabcd", deliversEvents: "unknown" });
  });

  it("knows nothing off Linux, whose numbers mean other things there", () => {
    const unknown = { name: "unknown", deliversEvents: "unknown" };
    expect(filesystemType(0x6969n, "macos")).toEqual(unknown);
    expect(filesystemType(0n, "windows")).toEqual(unknown);
  });
});

describe("filesystemOf", () => {
  it("asks the nearest ancestor", async () => {
    expect(await filesystemOf("/mnt/a/b", "linux", onlyMnt)).toEqual({
      name: "nfs",
      deliversEvents: "no",
    });
  });

  it("is unknown when statfs fails", async () => {
    const found = await filesystemOf("/mnt", "linux", () => Promise.reject(fault("EACCES")));
    expect(found).toEqual({ name: "unknown", deliversEvents: "unknown" });
  });

  // Only Linux has /proc.
  it.skipIf(process.platform !== "linux")("knows /proc", async () => {
    expect(await filesystemOf("/proc", "linux")).toEqual({ name: "proc", deliversEvents: "no" });
  });
});
