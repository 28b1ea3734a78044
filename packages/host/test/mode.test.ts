import { describe, expect, it } from "vitest";
import { resolveMode } from "../src/index.ts";

describe("resolveMode", () => {
  it("prefers the flag over SIGIL_MODE over user", () => {
    const env = { SIGIL_MODE: "system" };
    expect(resolveMode({ flag: "user", env })).toEqual({ mode: "user", origin: "flag" });
    expect(resolveMode({ env })).toEqual({ mode: "system", origin: "env" });
    expect(resolveMode({ env: {} })).toEqual({ mode: "user", origin: "default" });
  });

  it("takes an empty SIGIL_MODE for unset", () => {
    expect(resolveMode({ env: { SIGIL_MODE: "" } }).origin).toBe("default");
  });

  it.each(["System", "root", " user", ""])("refuses the flag %j with a hint", (flag) => {
    expect(() => resolveMode({ flag, env: {} })).toThrowError(
      expect.objectContaining({
        code: "SIGIL_HOST_MODE_INVALID",
        hint: expect.stringContaining("--mode system"),
        context: { origin: "--mode" },
      }),
    );
  });

  it("names SIGIL_MODE when the bad word is there", () => {
    expect(() => resolveMode({ env: { SIGIL_MODE: "both" } })).toThrowError(/SIGIL_MODE is "both"/);
  });
});
