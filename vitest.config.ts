import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const LONG = process.env["SIGIL_TEST_LONG"] !== undefined;

export default defineConfig({
  resolve: { conditions: ["@sigil/source"] },
  ssr: { resolve: { conditions: ["@sigil/source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    // Only what hangs fails by time: the machine may be slow and shared.
    testTimeout: LONG ? 600_000 : 90_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Most of the time a test waits for the process it has started: one at a time would leave two cores idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/generated/**"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
