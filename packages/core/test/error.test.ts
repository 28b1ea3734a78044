import { describe, expect, it } from "vitest";
import { defineErrors, errnoOf, errorFactory, messageOf, SigilError } from "../src/index.ts";

const TABLE = defineErrors({ SIGIL_TEST_BROKEN: { summary: "It broke.", hint: "Mend it." } });
const fail = errorFactory(TABLE);

describe("errorFactory", () => {
  describe("when a code of the table is used", () => {
    it("takes the hint from the table", () => {
      const error = fail("SIGIL_TEST_BROKEN", "broke at 3");
      expect(error).toBeInstanceOf(SigilError);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({
        name: "SigilError",
        code: "SIGIL_TEST_BROKEN",
        message: "broke at 3",
        hint: "Mend it.",
        context: {},
      });
      expect("cause" in error).toBe(false);
    });
    it("prefers the hint, the cause and the context it is given", () => {
      const cause = new Error("below");
      const error = fail("SIGIL_TEST_BROKEN", "m", { hint: "Other.", cause, context: { line: 3 } });
      expect(error).toMatchObject({ hint: "Other.", context: { line: 3 } });
      expect(error.cause).toBe(cause);
    });
  });
  describe("when the table has no such code at run time", () => {
    it("makes the error without a hint", () => {
      const error = fail("SIGIL_NOT_THERE" as "SIGIL_TEST_BROKEN", "m");
      expect(error.hint).toBeUndefined();
    });
  });
});

describe("errnoOf", () => {
  it.each([
    [Object.assign(new Error("x"), { code: "ENOENT" }), "ENOENT"],
    [Object.assign(new Error("x"), { code: 7 }), null],
    [new Error("x"), null],
    ["ENOENT", null],
    [null, null],
    [undefined, null],
  ])("of %o is %s", (thrown, expected) => {
    expect(errnoOf(thrown)).toBe(expected);
  });
});

describe("messageOf", () => {
  it.each([
    [new Error("a"), "a"],
    ["b", "b"],
    [null, "null"],
    [3, "3"],
  ])("of %o is %s", (thrown, expected) => {
    expect(messageOf(thrown)).toBe(expected);
  });
});
