import { renameSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { has, last, OFTEN } from "./told.ts";

const ROUNDS = LONG ? 20 : 2;
const POLLING =
  "settings: {watch: {poll: true, poll_interval_ms: 200, poll_standard_interval_ms: 400}}\n";

describe("a directory that becomes a link in a circle", () => {
  it.each([
    ["watched", OFTEN],
    ["polled", POLLING],
  ])(
    "(%s) has what was in it told as removed, keeps the agent busy with nothing, and is seen again",
    async (_how, policy) => {
      const host = createHost();
      writePolicy(host, policy);
      const names = [
        ".claude/settings.json",
        ".claude/hooks/guard.sh",
        ".claude/skills/one/SKILL.md",
      ];
      for (const name of names) host.write(name, name);
      const agent = await host.start();
      const paths = names.map((name) => host.path(name));
      await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
      let told = 0;
      for (let round = 1; round <= ROUNDS; round += 1) {
        renameSync(host.path(".claude"), host.path("away"));
        symlinkSync(".claude", host.path(".claude"));
        for (const path of paths)
          await eventually(() => last(agent, path)?.change_kind === "removed");
        await eventually(() => host.status().then(({ settling }) => settling === 0));
        rmSync(host.path(".claude"));
        renameSync(host.path("away"), host.path(".claude"));
        for (const [index, path] of paths.entries()) {
          await eventually(() =>
            agent
              .of(path)
              .slice(-1)
              .some(has(names[index] ?? "")),
          );
          told += 1;
        }
      }
      const { conditions } = await host.status();
      expect(conditions.map(({ code }) => code)).not.toContain("permission-missing");
      show({ rounds: ROUNDS, lost: ROUNDS * paths.length - told, did: { circles: ROUNDS } });
    },
    LONG ? 600_000 : 120_000,
  );
});
