import { isHostId } from "@sigil/core/plain";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type IdentityReaders,
  type MachineDigest,
  type StoredUuid,
  hostId,
  identityReaders,
  nodeFiles,
} from "../src/index.ts";
import { fakeRun, fakeSystem, memoryFiles } from "./fake.ts";

const UUID = "3f0c8c52-6d3e-4a1c-9b57-0d1e2f3a4b5c";
const FILE = "/state/host-id";

function readers(given: {
  machine?: MachineDigest;
  hostname?: string;
  stored?: StoredUuid;
}): IdentityReaders {
  return {
    machineDigest: async () => given.machine ?? { kind: "missing", why: "not given" },
    hostname: () => given.hostname ?? "build-7",
    storedUuid: async () => given.stored ?? { kind: "found", uuid: UUID, file: FILE },
  };
}

describe("hostId", () => {
  describe("when the strategy is machine_id", () => {
    const strategy = "machine_id";

    it("gives the digest and where it came from", async () => {
      const machine: MachineDigest = {
        kind: "found",
        digest: "fc3f6c65e8ea5abe",
        origin: "/etc/machine-id",
      };
      expect(await hostId({ strategy, readers: readers({ machine }) })).toEqual({
        host_id: "fc3f6c65e8ea5abe",
        strategy: "machine_id",
        origin: "keyed hash of the machine id (/etc/machine-id)",
      });
    });

    it("falls back to the stored id and says why", async () => {
      const machine: MachineDigest = { kind: "missing", why: "/etc/machine-id is uninitialized" };
      const stored: StoredUuid = { kind: "created", uuid: UUID, file: FILE };
      expect(await hostId({ strategy, readers: readers({ machine, stored }) })).toEqual({
        host_id: UUID,
        strategy: "uuid",
        origin: `random id made just now in ${FILE}; fallback, no machine id: /etc/machine-id is uninitialized`,
      });
    });

    it("fails when the fallback is missing and may not be made", async () => {
      const stored: StoredUuid = { kind: "absent", file: FILE };
      await expect(hostId({ strategy, readers: readers({ stored }) })).rejects.toMatchObject({
        code: "SIGIL_HOST_ID_ABSENT",
        message: `${FILE} does not exist (needed: no machine id: not given)`,
      });
    });
  });

  describe("when the strategy is hostname", () => {
    it("gives the hostname", async () => {
      expect(await hostId({ strategy: "hostname", readers: readers({}) })).toEqual({
        host_id: "build-7",
        strategy: "hostname",
        origin: "hostname",
      });
    });

    it.each(["", "localhost", "LOCALHOST.localdomain", "a b", "x".repeat(129)])(
      "falls back for %j",
      async (hostname) => {
        const id = await hostId({ strategy: "hostname", readers: readers({ hostname }) });
        expect(id).toMatchObject({ host_id: UUID, strategy: "uuid" });
        expect(id.origin).toContain("fallback, the hostname");
      },
    );
  });

  describe("when the strategy is uuid", () => {
    it("gives the stored id", async () => {
      expect(await hostId({ strategy: "uuid", readers: readers({}) })).toEqual({
        host_id: UUID,
        strategy: "uuid",
        origin: `random id read from ${FILE}`,
      });
    });
  });

  describe("when the strategy is static", () => {
    it("gives the text of the policy", async () => {
      const strategy = { static: "büro-mac:7" };
      expect(await hostId({ strategy, readers: readers({}) })).toEqual({
        host_id: "büro-mac:7",
        strategy: "static",
        origin: "policy",
      });
    });

    it.each(["", "a b", "a\tb", "a\n", "\u00a0", "a\u0000", "\u202ea", "\ud800", "x".repeat(129)])(
      "refuses %j",
      async (text) => {
        const strategy = { static: text };
        await expect(hostId({ strategy, readers: readers({}) })).rejects.toMatchObject({
          code: "SIGIL_HOST_ID_INVALID",
        });
      },
    );
  });
});

describe("isHostId", () => {
  it("counts to 128", () => {
    expect(isHostId("x".repeat(128))).toBe(true);
    expect(isHostId("x".repeat(129))).toBe(false);
  });
});

describe("identityReaders", () => {
  it("asks the given ports, and keeps the stored id", async () => {
    const dir = mkdtempSync(join(tmpdir(), "sigil-host-"));
    try {
      const base = {
        platform: "linux" as const,
        run: fakeRun(),
        system: fakeSystem(),
        uuidFile: join(dir, "state", "host-id"),
        create: true,
      };
      const machine = { "/etc/machine-id": "0123456789abcdef0123456789abcdef" };
      const first = identityReaders({ ...base, files: memoryFiles(machine) });
      expect(await hostId({ strategy: "machine_id", readers: first })).toMatchObject({
        host_id: "fc3f6c65e8ea5abe",
      });
      expect(first.hostname()).toBe("build-7");
      const real = identityReaders({ ...base, files: nodeFiles() });
      const made = await hostId({ strategy: "uuid", readers: real });
      const again = await hostId({ strategy: "uuid", readers: real });
      expect(again.host_id).toBe(made.host_id);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
