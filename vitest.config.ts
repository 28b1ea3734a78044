import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@sigil/source"] },
  ssr: { resolve: { conditions: ["@sigil/source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/generated/**"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
