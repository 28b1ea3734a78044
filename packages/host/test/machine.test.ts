import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ReadOutcome, type RunCommand, machineDigest, nodeFiles } from "../src/index.ts";
import { exited, fakeRun, fixture, memoryFiles } from "./fake.ts";

const RAW = "0123456789abcdef0123456789abcdef";
/** HMAC-SHA256(key = the 16 bytes of RAW, "sigil/host-id/v1"), made with another implementation. */
const DIGEST = "fc3f6c65e8ea5abe";
const ETC = "/etc/machine-id";
const DBUS = "/var/lib/dbus/machine-id";

function linux(found: Readonly<Record<string, string | ReadOutcome>>) {
  return machineDigest({ platform: "linux", files: memoryFiles(found), run: fakeRun() });
}

function asking(platform: "macos" | "windows", run: RunCommand) {
  return machineDigest({ platform, files: memoryFiles({}), run });
}

describe("machineDigest", () => {
  describe("when the platform is Linux", () => {
    it("gives the known keyed hash and never the raw id", async () => {
      const found = await linux({ [ETC]: `${RAW}\n` });
      expect(found).toEqual({ kind: "found", digest: DIGEST, origin: ETC });
      expect(JSON.stringify(found)).not.toContain(RAW.slice(0, 8));
    });

    it("gives the same for upper case", async () => {
      expect(await linux({ [ETC]: RAW.toUpperCase() })).toMatchObject({ digest: DIGEST });
    });

    it.each(["", "\n", "uninitialized\n", "0".repeat(32), "abc", `${RAW}0`, `${RAW}\0`])(
      "takes the dbus file when /etc/machine-id holds %j",
      async (text) => {
        expect(await linux({ [ETC]: text, [DBUS]: RAW })).toEqual({
          kind: "found",
          digest: DIGEST,
          origin: DBUS,
        });
      },
    );

    it("says what is wrong with each file, without its content", async () => {
      expect(await linux({ [ETC]: "uninitialized\n" })).toEqual({
        kind: "missing",
        why: `${ETC} is uninitialized, ${DBUS} is absent`,
      });
      expect(await linux({ [ETC]: "", [DBUS]: "secret-looking" })).toEqual({
        kind: "missing",
        why: `${ETC} is empty, ${DBUS} is malformed`,
      });
      expect(await linux({ [ETC]: "x".repeat(5000) })).toEqual({
        kind: "missing",
        why: `${ETC} is over 4096 bytes, ${DBUS} is absent`,
      });
    });
  });

  describe("when /etc/machine-id is a link", () => {
    let dir = "";
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), "sigil-host-"));
    });
    afterEach(() => {
      rmSync(dir, { recursive: true, force: true });
    });

    it("does not read what it points to", async () => {
      writeFileSync(join(dir, "target"), RAW);
      symlinkSync(join(dir, "target"), join(dir, "machine-id"));
      const real = nodeFiles();
      const files = {
        ...real,
        read: (path: string, options?: object) =>
          real.read(path === ETC ? join(dir, "machine-id") : join(dir, "none"), options),
      };
      expect(await machineDigest({ platform: "linux", files, run: fakeRun() })).toEqual({
        kind: "missing",
        why: `${ETC} is unreadable (symlink), ${DBUS} is absent`,
      });
    });
  });

  describe("when the platform is macOS", () => {
    const line = "ioreg -rd1 -c IOPlatformExpertDevice";

    it("hashes IOPlatformUUID", async () => {
      expect(await asking("macos", fakeRun({ [line]: fixture("ioreg.txt") }))).toEqual({
        kind: "found",
        digest: "84c819b7a7661fd2",
        origin: "ioreg",
      });
    });

    it("says so when the answer has none or there is no answer", async () => {
      expect(await asking("macos", fakeRun({ [line]: "+-o root\n" }))).toEqual({
        kind: "missing",
        why: "ioreg names no usable machine id",
      });
      expect(await asking("macos", fakeRun())).toEqual({
        kind: "missing",
        why: "ioreg is not installed",
      });
    });
  });

  describe("when the platform is Windows", () => {
    const line = "reg query HKLM\\SOFTWARE\\Microsoft\\Cryptography /v MachineGuid";

    it("hashes MachineGuid", async () => {
      expect(await asking("windows", fakeRun({ [line]: fixture("machine-guid.txt") }))).toEqual({
        kind: "found",
        digest: "074bb9326417fc9b",
        origin: "reg",
      });
    });

    it("says so when the key is missing, and ignores what a failed query printed", async () => {
      const run = fakeRun({ [line]: exited(1, fixture("machine-guid.txt"), "ERROR: …") });
      expect(await asking("windows", run)).toEqual({ kind: "missing", why: "reg exited with 1" });
    });
  });
});
