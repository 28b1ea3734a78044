import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type StatFs, diskFree, nodeFiles, watchLimits } from "../src/index.ts";
import { fault, memoryFiles } from "./fake.ts";

const STATS: StatFs = {
  type: 0xef53n,
  bsize: 4096n,
  blocks: 1000n,
  bavail: 250n,
  files: 600n,
  ffree: 500n,
};

async function withoutInodes(): Promise<StatFs> {
  return { ...STATS, files: 0n, ffree: 0n };
}

async function onlyVar(path: string): Promise<StatFs> {
  if (path === "/var") return STATS;
  throw fault("ENOENT");
}

function refuse(code: string) {
  return () => Promise.reject(fault(code));
}

describe("watchLimits", () => {
  const dir = "/proc/sys/fs/inotify";

  it("reads inotify's limits", async () => {
    const files = memoryFiles({
      [`${dir}/max_user_watches`]: "65536\n",
      [`${dir}/max_queued_events`]: "16384\n",
      [`${dir}/max_user_instances`]: "128\n",
    });
    expect(await watchLimits({ platform: "linux", files })).toEqual({
      max_user_watches: 65_536,
      max_queued_events: 16_384,
      max_user_instances: 128,
    });
  });

  it.each(["", "many", "-1", "1e9", "9".repeat(40), "x".repeat(100)])(
    "gives null for %j",
    async (text) => {
      const files = memoryFiles({ [`${dir}/max_user_watches`]: text });
      expect((await watchLimits({ platform: "linux", files })).max_user_watches).toBeNull();
    },
  );

  it("knows none on other systems", async () => {
    const files = memoryFiles({ [`${dir}/max_user_watches`]: "1" });
    expect((await watchLimits({ platform: "macos", files })).max_user_watches).toBeNull();
  });

  // Only Linux has these limits, in /proc/sys.
  it.skipIf(process.platform !== "linux")("reads this kernel's", async () => {
    const limits = await watchLimits({ platform: "linux", files: nodeFiles() });
    for (const limit of Object.values(limits)) expect(limit).toBeGreaterThan(0);
  });
});

describe("diskFree", () => {
  it("gives bytes and inodes", async () => {
    expect(await diskFree("/data", async () => STATS)).toEqual({
      kind: "known",
      path: "/data",
      bytes_free: 1_024_000,
      bytes_total: 4_096_000,
      inodes_free: 500,
      inodes_total: 600,
    });
  });

  it("has no inode numbers where the file system has none", async () => {
    expect(await diskFree("/data", withoutInodes)).toMatchObject({
      inodes_free: null,
      inodes_total: null,
    });
  });

  it("asks the nearest ancestor of a path that is not there yet", async () => {
    expect(await diskFree("/var/spool/sigil/events", onlyVar)).toMatchObject({ path: "/var" });
  });

  it("says why it does not know, and ends at the root", async () => {
    expect(await diskFree("/a/b", refuse("EACCES"))).toEqual({ kind: "unknown", why: "EACCES" });
    expect(await diskFree("/a/b", refuse("ENOENT"))).toEqual({ kind: "unknown", why: "ENOENT" });
  });

  it("knows this machine's", async () => {
    expect(await diskFree(join(tmpdir(), "sigil-none", "deeper"))).toMatchObject({ kind: "known" });
  });
});
