import { describe, expect, it } from "vitest";
import { ofKind } from "./events.ts";
import { createHost, eventually, writePolicy } from "./harness.ts";

const TARGET = `targets:
  - id: team-file
    tier: critical
    paths: ["~/team.json"]
`;

describe("SIGHUP", () => {
  it("applies a good policy, and keeps it when the next one is bad", async () => {
    const host = createHost();
    const agent = await host.start();
    const applied = () => ofKind(agent.events, "policy_applied");
    expect(applied()).toHaveLength(1);

    writePolicy(host, TARGET);
    agent.child.kill("SIGHUP");
    await eventually(() => applied().length === 2);
    expect(applied()[1]).toMatchObject({
      layers: ["baseline", "local"],
      targets: (applied()[0]?.targets ?? 0) + 1,
    });
    const file = host.write("team.json", "1\n");
    expect(await agent.saw(file)).toMatchObject({ target_id: "team-file", severity: "warn" });

    writePolicy(host, `${TARGET}surprise: true\n`);
    agent.child.kill("SIGHUP");
    const [rejected] = await eventually(() => {
      const events = ofKind(agent.events, "policy_rejected");
      return events.length > 0 && events;
    });
    expect(rejected).toMatchObject({ reason: "SIGIL_POLICY_UNKNOWN_KEY" });
    expect(rejected?.detail).toMatch(/policy\.yaml:6.*surprise/);
    host.write("team.json", "2\n");
    await eventually(() => agent.of(file).length === 2);
    expect(applied()).toHaveLength(2);
    expect((await host.status()).conditions.map(({ code }) => code)).toContain("policy-rejected");

    // Mended: the condition is over and the targets are as the file says.
    writePolicy(host, "targets: []\n");
    agent.child.kill("SIGHUP");
    await eventually(() => applied().length === 3);
    expect((await host.status()).conditions).toEqual([]);
  });

  it("watches a target that a new policy adds for files that are already there", async () => {
    const host = createHost();
    const there = host.write("team.json", "old\n");
    const agent = await host.start();
    writePolicy(host, TARGET);
    agent.child.kill("SIGHUP");
    expect(await agent.saw(there)).toMatchObject({
      severity: "info",
      evidence: { change_kind: "discovered" },
    });
  });
});
