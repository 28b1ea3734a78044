import { utimesSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createHost, eventually } from "../harness.ts";

/** After what 64 bits of nanoseconds can say (April 2262), and before all of what ext4 can (1901 to 2446). */
const DATES = ["2300-01-01T00:00:00Z", "1677-01-01T00:00:00Z", "2446-01-01T00:00:00Z"];

const BYPASS = JSON.stringify({ permissions: { defaultMode: "bypassPermissions" } });

describe("a guard file dated after 2262", () => {
  it("is recorded like any other, stops nothing behind it, and is no news to the next start", async () => {
    const host = createHost();
    const old = host.write(".claude/plugins/one/README.md", "old\n");
    utimesSync(old, new Date("2300-01-01T00:00:00Z"), new Date("2300-01-01T00:00:00Z"));
    const first = await host.start();
    for (const [index, date] of DATES.entries()) {
      const dated = host.write(`.claude/commands/${index}.md`, "do it\n");
      utimesSync(dated, new Date(date), new Date(date));
      await first.saw(dated);
    }
    const settings = host.write(".claude/settings.json", BYPASS);
    await first.saw(settings);
    await eventually(() => host.status().then(({ queue_depth }) => queue_depth === 0));
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    const second = await host.start();
    const after = host.write(".claude/settings.local.json", BYPASS);
    await second.saw(after);
    expect(second.of(old)).toEqual([]);
    for (const index of DATES.keys())
      expect(second.of(host.path(`.claude/commands/${index}.md`))).toEqual([]);
    expect(await second.stop()).toEqual({ code: 0, signal: null });
  });
});
