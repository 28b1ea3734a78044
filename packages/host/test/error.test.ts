import { describe, expect, it } from "vitest";
import { HOST_ERRORS, hostError } from "../src/index.ts";

describe("HOST_ERRORS", () => {
  it.each(Object.entries(HOST_ERRORS))("%s has an area, a summary and a hint", (code, spec) => {
    expect(code).toMatch(/^SIGIL_HOST_[A-Z_]+$/);
    expect(spec.summary).toMatch(/^[A-Z].*\.$/);
    expect(spec.hint).toMatch(/^[A-Z].*\.$/);
  });

  it("gives its hint to the errors", () => {
    expect(hostError("SIGIL_HOST_ID_CORRUPT", "x").hint).toBe(
      HOST_ERRORS.SIGIL_HOST_ID_CORRUPT.hint,
    );
  });
});
