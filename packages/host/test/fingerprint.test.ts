import { describe, expect, it } from "vitest";
import { type HostFingerprint, fingerprintDrift, hostFingerprint } from "../src/index.ts";
import { fakeRun, fakeSystem, fixture, memoryFiles } from "./fake.ts";

const RAW = "0123456789abcdef0123456789abcdef";
const BEFORE: HostFingerprint = {
  hostname: "build-7",
  machine_id_digest: "fc3f6c65e8ea5abe",
  os: "linux",
  os_release: "Debian GNU/Linux 12 (bookworm)",
  arch: "x64",
  kernel: "6.1.0-18-amd64",
  user: "alice",
  mode: "user",
};

describe("hostFingerprint", () => {
  it("gathers the host without its raw machine id", async () => {
    const files = memoryFiles({
      "/etc/machine-id": RAW,
      "/etc/os-release": fixture("os-release.txt"),
    });
    const fingerprint = await hostFingerprint({
      platform: "linux",
      mode: "user",
      files,
      run: fakeRun(),
      system: fakeSystem(),
    });
    expect(fingerprint).toEqual(BEFORE);
    expect(JSON.stringify(fingerprint)).not.toContain(RAW);
  });

  it("has a null digest without a machine id", async () => {
    const fingerprint = await hostFingerprint({
      platform: "windows",
      mode: "system",
      files: memoryFiles({}),
      run: fakeRun(),
      system: fakeSystem({ version: "Windows 11 Pro", kernel: "10.0.22631" }),
    });
    expect(fingerprint).toMatchObject({
      machine_id_digest: null,
      os: "windows",
      os_release: "Windows 11 Pro",
      mode: "system",
    });
  });
});

describe("fingerprintDrift", () => {
  it("finds nothing in an upgrade, another user or another mode", () => {
    const after: HostFingerprint = {
      ...BEFORE,
      kernel: "6.12",
      os_release: "Debian 13",
      user: "root",
      mode: "system",
    };
    expect(fingerprintDrift(BEFORE, after)).toEqual([]);
  });

  it("names each field of identity, in order", () => {
    const after: HostFingerprint = {
      ...BEFORE,
      hostname: "build-8",
      machine_id_digest: "0000000000000001",
      os: "macos",
      arch: "arm64",
    };
    expect(fingerprintDrift(BEFORE, after)).toEqual([
      { field: "machine_id_digest", from: "fc3f6c65e8ea5abe", to: "0000000000000001" },
      { field: "hostname", from: "build-7", to: "build-8" },
      { field: "os", from: "linux", to: "macos" },
      { field: "arch", from: "x64", to: "arm64" },
    ]);
  });

  it("counts a machine id that vanishes", () => {
    expect(fingerprintDrift(BEFORE, { ...BEFORE, machine_id_digest: null })).toEqual([
      { field: "machine_id_digest", from: "fc3f6c65e8ea5abe", to: null },
    ]);
  });
});
