import { describe, expect, it } from "vitest";
import { fileEvents, ofKind } from "../events.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { factsOf } from "../proc.ts";
import { doctorSays } from "./doctor.ts";
import { edit } from "./edit.ts";
import { makeFiles } from "./make.ts";

const FILES = LONG ? 1_000_000 : 60_000;
const PER_DIRECTORY = 1000;
/** `limits.memory_mb`: above it the agent ends itself. */
const MEMORY_MB = 512;
const LIMITS = LONG ? "" : "sweep: {max_entries: 20000}, watch: {max_tree_entries: 30000}";
const SETTINGS = ".claude/settings.json";

describe("a standard tree of more files than are looked at", () => {
  it("costs bounded memory, is told, and keeps no critical edit waiting", async () => {
    const host = createHost();
    host.write(SETTINGS, "{}\n");
    makeFiles(host.path(".claude/skills"), FILES, PER_DIRECTORY);
    writePolicy(host, `settings: {${LIMITS}}\n`);
    const agent = await host.start({ ready: false });
    const told = (reason: string) =>
      ofKind(agent.events, "watcher_degraded").some((degraded) => degraded.reason === reason);
    await eventually(() => told("sweep_limit") && told("watches_exhausted"), 180_000);
    await eventually(() => agent.log().includes('"msg":"watching"'), 60_000);
    expect(await edit(host, agent, SETTINGS, '{"edited":1}\n')).not.toBe("delayed");

    const codes = (await host.status()).conditions.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(["sweep-limit", "watching-by-polling"]));
    await eventually(async () => (await doctorSays(host)).includes("sweep-limit"), 60_000);
    const { peak, descriptors } = factsOf(agent.child.pid as number);
    expect(peak).toBeLessThan(MEMORY_MB);
    // What was not looked at is not gone.
    const removed = fileEvents(agent.events).filter(
      ({ evidence }) => evidence.change_kind === "removed",
    );
    expect(removed).toEqual([]);
    show({ rounds: 1, lost: removed.length, did: { files: FILES, peak_mib: peak, descriptors } });
  }, 600_000);
});
