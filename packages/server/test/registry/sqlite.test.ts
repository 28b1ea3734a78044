import { readFileSync, statSync, writeFileSync } from "node:fs";
import { tempDir, type TempDir } from "@sigil/testkit";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Registry } from "../../src/registry/model.ts";
import { openRegistry } from "../../src/registry/sqlite.ts";

const AT = "2026-05-10T07:14:32.512Z";
const NOW = Date.parse(AT);

const certificate = (serial: string, host_id = "h1") => ({
  serial,
  host_id,
  group: "eng",
  not_before: AT,
  not_after: "2027-05-10T07:14:32.512Z",
  issued_at: AT,
});

const token = {
  scopes: ["read"],
  group: null,
  uses_left: null,
  replace: false,
  expires_at: null,
  label: "",
} as const;

describe("the registry", () => {
  let dir: TempDir;
  let file: string;
  const open: Registry[] = [];
  const openOne = () => {
    const registry = openRegistry(file);
    open.push(registry);
    return registry;
  };
  beforeEach(() => {
    dir = tempDir();
    file = dir.at("server", "registry.db");
  });
  afterEach(() => {
    for (const registry of open.splice(0)) registry.close();
    dir.remove();
  });

  describe("when it is made", () => {
    // Windows has no permission bits.
    it.runIf(process.platform !== "win32")("is its owner's alone", () => {
      openOne().addCertificate(certificate("a1"));
      for (const name of [file, `${file}-wal`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    });

    it("keeps what it was told", () => {
      openOne().addCertificate(certificate("a1"));
      expect(openOne().certificates({})).toEqual([
        { ...certificate("a1"), revoked_at: null, revoked_why: null },
      ]);
    });

    it("refuses a file that is damaged, or of a newer version", () => {
      dir.write("server/registry.db", "x".repeat(10_000));
      expect(openOne).toThrow(expect.objectContaining({ code: "SIGIL_SERVER_REGISTRY" }));
      writeFileSync(file, "");
      const db = new Database(file);
      db.pragma("user_version = 99");
      db.close();
      expect(openOne).toThrow(/version 99/);
    });
  });

  describe("when a certificate is revoked", () => {
    it("counts at once in every process", () => {
      const [server, other] = [openOne(), openOne()];
      server.addCertificate(certificate("a1"));
      expect(server.certificate("a1")).toEqual({ kind: "good", host_id: "h1", group: "eng" });
      const before = server.revocationMark();
      expect(other.revoke("a1", "lost", AT)).toBe(true);
      expect(server.certificate("a1")).toEqual({ kind: "revoked", at: AT });
      expect(server.revocationMark()).not.toBe(before);
    });

    it("stays as it was revoked first", () => {
      const registry = openOne();
      registry.addCertificate(certificate("a1"));
      registry.revoke("a1", "lost", AT);
      const mark = registry.revocationMark();
      expect(registry.revoke("a1", "again", AT)).toBe(false);
      expect(registry.revoke("zz", "never issued", AT)).toBe(false);
      expect(registry.revocationMark()).toBe(mark);
      expect(registry.certificates({ host: "h1" })[0]?.revoked_why).toBe("lost");
    });

    it("leaves the others of the host alone", () => {
      const registry = openOne();
      registry.addCertificate(certificate("a1"));
      registry.addCertificate(certificate("a2"));
      registry.revoke("a1", "replaced", AT);
      expect(registry.certificate("a2").kind).toBe("good");
      expect(registry.certificate("a3")).toEqual({ kind: "unknown" });
    });
  });

  describe("when a serial is added twice", () => {
    it("refuses the second", () => {
      const registry = openOne();
      registry.addCertificate(certificate("a1"));
      const again = () => registry.addCertificate(certificate("a1", "h2"));
      expect(again).toThrow(expect.objectContaining({ code: "SIGIL_SERVER_STORE" }));
    });
  });

  describe("when a token is made", () => {
    it("is known by its secret, which is nowhere on disk", () => {
      const registry = openOne();
      const { id, secret } = registry.createToken({ ...token, scopes: ["read", "metrics"] }, AT);
      expect(secret).toMatch(/^sgl_[\w-]{43}$/);
      expect(registry.token(secret, NOW)).toEqual({
        ...token,
        id,
        scopes: ["read", "metrics"],
        created_at: AT,
      });
      for (const name of [file, `${file}-wal`])
        expect(readFileSync(name, "latin1")).not.toContain(secret.slice(4));
    });

    it("is not known by anything else", () => {
      const registry = openOne();
      const { secret } = registry.createToken(token, AT);
      for (const other of ["", "sgl_", `${secret}x`, secret.slice(0, -1), secret.toUpperCase()])
        expect(registry.token(other, NOW)).toBeNull();
    });

    it("ends when it was told to, or deleted", () => {
      const registry = openOne();
      const expires_at = "2026-05-10T08:00:00.000Z";
      const { id, secret } = registry.createToken({ ...token, expires_at }, AT);
      expect(registry.token(secret, Date.parse(expires_at) - 1)).not.toBeNull();
      expect(registry.token(secret, Date.parse(expires_at))).toBeNull();
      expect(registry.deleteToken(id)).toBe(true);
      expect(registry.deleteToken(id)).toBe(false);
      expect(registry.token(secret, NOW)).toBeNull();
    });

    it("has as many uses as it was given, over all processes", () => {
      const [one, two] = [openOne(), openOne()];
      const { id } = one.createToken({ ...token, scopes: ["enroll"], uses_left: 3 }, AT);
      const uses = [one, two, one, two, one].map((registry) => registry.useToken(id));
      expect(uses).toEqual([true, true, true, false, false]);
      expect(one.tokens()[0]?.uses_left).toBe(0);
    });

    it("may have uses without end", () => {
      const registry = openOne();
      const { id } = registry.createToken({ ...token, scopes: ["enroll"] }, AT);
      for (let use = 0; use < 10; use += 1) expect(registry.useToken(id)).toBe(true);
    });
  });

  describe("when a policy is published", () => {
    it("is served byte for byte, its ETag that of the bytes", () => {
      const registry = openOne();
      const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
      const { etag } = registry.publish("eng", bytes, AT);
      expect(etag).toMatch(/^[0-9a-f]{64}$/);
      const found = registry.policy("eng");
      expect(Buffer.from(found?.bytes ?? [])).toEqual(Buffer.from(bytes));
      expect(registry.publish("ops", bytes, AT).etag).toBe(etag);
      expect(registry.publish("eng", Buffer.from("other"), AT).etag).not.toBe(etag);
      expect(registry.policies()).toMatchObject([{ group: "eng" }, { group: "ops", etag }]);
    });

    it("is nobody else's, and can be taken back", () => {
      const registry = openOne();
      registry.publish("eng", Buffer.from("x"), AT);
      expect(registry.policy("ops")).toBeNull();
      expect(registry.unpublish("eng")).toBe(true);
      expect(registry.unpublish("eng")).toBe(false);
      expect(registry.policy("eng")).toBeNull();
    });
  });

  describe("when its file fails", () => {
    it("says SIGIL_SERVER_STORE", () => {
      const registry = openRegistry(file);
      registry.close();
      const ask = () => registry.certificate("a1");
      expect(ask).toThrow(expect.objectContaining({ code: "SIGIL_SERVER_STORE" }));
    });
  });
});
