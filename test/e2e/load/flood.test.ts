import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { lastStates, treeStates } from "../events.ts";
import { createHost, eventually } from "../harness.ts";

const SETTINGS = ".claude/settings.json";

describe("5,000 files made in a standard tree", () => {
  it("do not keep a critical edit waiting for them, and all are there in the end", async () => {
    const host = createHost();
    host.write(SETTINGS, "{}\n");
    // @parcel/watcher 2.6.0 now and then drops events of a burst without a word (parcel-bundler/watcher#183): the second
    // look after activity finds them, long before the sweep of every ten minutes.
    mkdirSync(host.path(".claude/skills/pack"), { recursive: true });
    const agent = await host.start();
    const skills = host.path(".claude/skills");
    for (let index = 0; index < 5000; index += 1)
      host.write(`.claude/skills/pack/f${index}.md`, `${index}\n`);
    const settings = host.write(SETTINGS, "edited\n");
    await agent.saw(settings, ({ evidence }) => evidence.after_hash === b3("edited\n"));
    const arrived = lastStates(agent.events, skills).size;
    expect(arrived).toBeLessThan(5000);
    await eventually(() => lastStates(agent.events, skills).size === 5000, 60_000);
    await agent.stop();
    expect(lastStates(await host.events(), skills)).toEqual(treeStates(skills));
  }, 90_000);
});
