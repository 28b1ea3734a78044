import { describe, expect, it } from "vitest";
import { SigilError } from "@sigil/core";
import { describeError } from "@sigil/cli";
import { exitCodeOf, plainest, STYLE } from "../../src/commands/exit.ts";

const locked = (cause: unknown) =>
  new SigilError("SIGIL_SPOOL_LOCKED", "locked", { cause, context: { dir: "/s" } });

describe("exitCodeOf", () => {
  it.each([
    ["SIGIL_USAGE_INVALID", 2],
    ["SIGIL_POLICY_SYNTAX", 3],
    ["SIGIL_HOST_MODE_INVALID", 3],
    ["SIGIL_SPOOL_OWNER", 3],
    ["SIGIL_AGENT_RUNNING", 4],
    ["SIGIL_SPOOL_IO", 4],
    ["SIGIL_STATE_NEWER", 4],
  ])("%s is %d", (code, exit) => expect(exitCodeOf(new SigilError(code, "x"))).toBe(exit));

  it("is a failure for anything unforeseen", () => {
    expect(exitCodeOf(new TypeError("x"))).toBe(4);
    expect(exitCodeOf("x")).toBe(4);
  });
});

describe("describeError", () => {
  it("is one line of error and one of hint", () => {
    const error = new SigilError("SIGIL_X_Y", "it broke", { hint: "mend it" });
    expect(describeError(error, STYLE)).toBe(
      "sigil: error: it broke [SIGIL_X_Y]\nsigil: hint: mend it\n",
    );
    expect(describeError(new Error("oops"), STYLE)).toBe("sigil: error: oops\n");
  });
});

describe("plainest", () => {
  it("says that an agent runs when one holds the lock", () => {
    const cause = new SigilError("SIGIL_AGENT_RUNNING", "held");
    expect(plainest(locked(cause))).toBe(cause);
  });

  it("leaves every other error alone", () => {
    for (const error of [new Error("x"), locked(new Error("x")), "x"])
      expect(plainest(error)).toBe(error);
  });
});
