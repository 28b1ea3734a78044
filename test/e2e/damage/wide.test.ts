import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createHost, eventually } from "../harness.ts";

const MIB = 1024 * 1024;
/** A name that JSON writes six times as long. */
const WIDE = "\u0001".repeat(240);

/** What brings 200 controls and 200 notices, each with the path of the file. */
function settings(): string {
  const numbers = Array.from({ length: 300 }, (_, index) => index);
  const deny = numbers.map((index) => `Bash(${index}${"x".repeat(100)}:*)`);
  const env = Object.fromEntries(numbers.map((index) => [`K${index}`, {}]));
  return JSON.stringify({ permissions: { deny, ask: numbers }, env });
}

describe("a repository whose assessment is longer than a line of the spool", () => {
  it("is told in part, with what is left out counted, and holds nothing up", async () => {
    const host = createHost();
    const project = join("src", WIDE, WIDE, WIDE);
    const guard = host.write(join(project, ".claude/settings.json"), settings());
    host.write(".claude.json", JSON.stringify({ projects: { [host.path(project)]: {} } }));
    const agent = await host.start();
    const told = await eventually(() => {
      const event = agent.events.find(
        ({ evidence }) => evidence.kind === "ai_guard_risk_assessed" && evidence.path === guard,
      );
      expect(event).toBeDefined();
      return event;
    });
    expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(MIB / 2);
    const omitted = told?.evidence.kind === "ai_guard_risk_assessed" ? told.evidence.omitted : {};
    expect(omitted["controls"]).toBeGreaterThan(0);
    expect(omitted["notices"]).toBeGreaterThan(0);
    await agent.saw(host.write(".claude/settings.json", settings()));
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
  });
});
