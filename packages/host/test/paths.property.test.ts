import { posix } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolvePaths } from "../src/index.ts";

describe("resolvePaths", () => {
  it("gives absolute paths for any XDG values", () => {
    const value = fc.option(fc.string({ unit: "binary" }), { nil: undefined });
    fc.assert(
      fc.property(value, value, value, (config, state, runtime) => {
        const env = { XDG_CONFIG_HOME: config, XDG_STATE_HOME: state, XDG_RUNTIME_DIR: runtime };
        const paths = resolvePaths({ platform: "linux", mode: "user", env, home: "/home/a" });
        for (const path of Object.values(paths)) expect(posix.isAbsolute(path)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
