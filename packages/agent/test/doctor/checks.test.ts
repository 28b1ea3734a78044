import { verdictOf, info, ok, warning, type Check, type CheckResult } from "@sigil/cli/doctor";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SigilError } from "@sigil/core";
import { tempDir, type TempDir } from "@sigil/testkit";
import { resolveConfig } from "../../src/config.ts";
import { CHECKS, examine } from "../../src/doctor/checks.ts";
import { gatherFacts, type Facts } from "../../src/doctor/facts.ts";

let dir: TempDir;
let facts: Facts;
beforeEach(() => {
  dir = tempDir();
  facts = gatherFacts(resolveConfig({ mode: "user" }, { HOME: dir.path }), false);
});
afterEach(() => dir.remove());

const check = (id: string, run: Check<Facts>["run"]): Check<Facts> => ({
  id,
  title: id.toUpperCase(),
  run,
});

describe("examine", () => {
  it("names each result after its check", async () => {
    const several = check("a", () => Promise.resolve([ok("one"), warning("two", "so")]));
    expect(await examine(facts, [several])).toEqual([
      { id: "a", title: "A", status: "ok", detail: "one" },
      { id: "a", title: "A", status: "warning", detail: "two", hint: "so" },
    ]);
  });

  it("makes an error of what a check throws, and runs the others", async () => {
    const broken = check("a", () => Promise.reject(new Error("boom")));
    const coded = check("b", () => {
      throw new SigilError("SIGIL_X_Y", "no", { hint: "yes" });
    });
    const fine = check("c", () => Promise.resolve(info("fine")));
    expect(await examine(facts, [broken, coded, fine])).toEqual([
      { id: "a", title: "A", status: "error", detail: "boom" },
      { id: "b", title: "B", status: "error", detail: "no [SIGIL_X_Y]", hint: "yes" },
      { id: "c", title: "C", status: "info", detail: "fine" },
    ]);
  });

  it("knows every check by a name of its own", () => {
    expect(new Set(CHECKS.map((one) => one.id)).size).toBe(CHECKS.length);
  });
});

const results = (...all: CheckResult["status"][]) =>
  all.map((status) => ({ id: "x", title: "X", detail: "", status }));

describe("verdictOf", () => {
  it("is the worst, and information is fine", () => {
    expect(verdictOf([])).toBe("ok");
    expect(verdictOf(results("ok", "info"))).toBe("ok");
    expect(verdictOf(results("warning", "info"))).toBe("warning");
    expect(verdictOf(results("warning", "error", "ok"))).toBe("error");
  });
});
