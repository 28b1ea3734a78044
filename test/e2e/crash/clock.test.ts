import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { SigilEvent } from "@sigil/core";
import { lastStates, ofKind, treeStates } from "../events.ts";
import { cannot, createHost, eventually, writePolicy, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { claim } from "./claim.ts";
import { faketime, jumpyClock } from "./jumpy.ts";
import { checkSpool } from "./lost.ts";

/** Years ahead and back, and the time that a machine without a clock starts with. */
const JUMPS = LONG
  ? ["+10y", "-20y", "+0", "+100y", "-55y", "+25h", "-25h", "+0"]
  : ["+10y", "-20y", "+0"];

const POLICY = `settings:
  health: {heartbeat_s: 1}
  spool: {segment_max_age_s: 1, segment_max_bytes: 65536}
`;

const idOf = (event: SigilEvent) => event.event_id;

/** A host whose clock jumps. */
function setUp(skip: (note?: string) => never) {
  if (faketime === undefined) cannot(skip, "the package faketime is not installed");
  const host = createHost();
  writePolicy(host, POLICY);
  return { host, clock: jumpyClock(host.path("clock")) };
}

/** One run that sees a change. @returns what it printed */
async function liveOnce(
  host: TestHost,
  env: Readonly<Record<string, string>>,
  what: string,
): Promise<readonly SigilEvent[]> {
  const agent = await host.start({ env });
  const path = host.write(`.claude/hooks/run.sh`, `${what}\n`);
  await agent.saw(path);
  await agent.stop();
  return agent.events;
}

describe("a clock set years ahead and back", () => {
  it("while the agent runs: every change and every heartbeat is told, in order", async ({
    skip,
  }) => {
    const { host, clock } = setUp(skip);
    const agent = await host.start({ env: clock.env });
    const hook = ".claude/hooks/kept.sh";
    for (const [round, offset] of JUMPS.entries()) {
      clock.jump(offset);
      const beats = ofKind(agent.events, "heartbeat").length;
      const path = host.write(`.claude/hooks/f${round}`, `${offset}\n`);
      await agent.saw(path);
      host.write(hook, `round ${round}\n`);
      await eventually(() => agent.of(host.path(hook)).length === round + 1);
      if (round > 0) rmSync(host.path(`.claude/hooks/f${round - 1}`));
      await eventually(() => ofKind(agent.events, "heartbeat").length > beats + 1);
    }
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    const lost = await checkSpool(host.spool, host.path(".claude"));
    const ages = ofKind(await host.events(), "heartbeat").map(({ uptime_s }) => uptime_s);
    expect(ages).toEqual(ages.toSorted((a, b) => a - b));
    show({ rounds: JUMPS.length, lost, did: { heartbeats: ages.length } });
  }, 600_000);

  it("between two runs: what was not shipped stays, though all of it is years old", async ({
    skip,
  }) => {
    const { host, clock } = setUp(skip);
    const shipped = new Set((await liveOnce(host, clock.env, "shipped")).map(idOf));
    claim(host, (await host.events()).length);
    const printed = new Set<string>();
    for (const offset of LONG ? JUMPS : JUMPS.slice(0, 2)) {
      clock.jump(offset);
      for (const event of await liveOnce(host, clock.env, offset)) printed.add(idOf(event));
    }
    const events = await host.events();
    const kept = new Set(events.map(idOf));
    const lost = [...printed].filter((id) => !kept.has(id));
    expect(lost).toEqual([]);
    expect(ofKind(events, "spool_evicted")).toEqual([]);
    // The clock was far enough ahead for retention to take what had been shipped.
    expect([...shipped].filter((id) => kept.has(id))).toEqual([]);
    const hooks = host.path(".claude/hooks");
    expect(lastStates(events, hooks)).toEqual(treeStates(hooks));
    show({ rounds: JUMPS.length, lost: lost.length, did: { events: events.length } });
  }, 600_000);
});
