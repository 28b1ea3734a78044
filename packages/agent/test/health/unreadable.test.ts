import { describe, expect, it } from "vitest";
import { createConditions } from "../../src/health/status.ts";
import { Unreadable } from "../../src/health/unreadable.ts";
import type { Runtime } from "../../src/runtime.ts";

function start() {
  const told: string[] = [];
  const conditions = createConditions(() => 0);
  const writer = {
    health(
      evidence: { kind: string; error?: string },
      at?: { path?: string; targetId?: string | null },
    ) {
      told.push(`${evidence.kind} ${evidence.error} ${at?.path} ${at?.targetId}`);
    },
  } as unknown as Runtime["writer"];
  return { told, conditions, unreadable: new Unreadable({ writer, conditions }, () => "t") };
}

describe("Unreadable", () => {
  describe("when a path cannot be read", () => {
    it("is told of once, and again when the reason is another", () => {
      const { told, unreadable } = start();
      for (const errno of ["EACCES", "EACCES", "EIO"]) unreadable.note("/a", "read", errno);
      expect(told).toEqual(["permission_missing EACCES /a t", "permission_missing EIO /a t"]);
    });

    it("is a condition until a sweep does not find it so", () => {
      const { conditions, unreadable } = start();
      unreadable.note("/a", "read", "EACCES");
      unreadable.endOfSweep();
      expect(conditions.list()).toMatchObject([
        { code: "permission-missing", detail: "1 paths, first /a" },
      ]);
      unreadable.endOfSweep();
      expect(conditions.list()).toEqual([]);
    });

    it("is told of again when it could be read meanwhile", () => {
      const { told, unreadable } = start();
      unreadable.note("/a", "read", "EACCES");
      unreadable.endOfSweep();
      unreadable.endOfSweep();
      unreadable.note("/a", "read", "EACCES");
      expect(told).toHaveLength(2);
    });
  });

  describe("when very many cannot", () => {
    it("stops telling, and remembers no more", () => {
      const { told, unreadable } = start();
      for (let index = 0; index < 10_050; index += 1)
        unreadable.note(`/${index}`, "read", "EACCES");
      expect(told).toHaveLength(10_000);
    });
  });
});
