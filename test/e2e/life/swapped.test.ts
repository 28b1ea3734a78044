import { renameSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createHost, eventually, writePolicy, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { has } from "./told.ts";

const ROUNDS = LONG ? 40 : 4;

/** Nothing goes by and looks: what is told, the kernel told. */
const NO_PATROL = "settings: {watch: {patrol_ms: 600000}}\n";
/** No target means the directories in this one themselves: nobody looks at a link that stands for one. */
const INNER = 'targets: [{id: own, tier: critical, paths: ["~/tools/*/guard.json"]}]\n';

/** Another link in a link's place, in one step. */
function swap(host: TestHost, link: string, to: string): void {
  symlinkSync(to, host.path("dot/next"));
  renameSync(host.path("dot/next"), host.path(link));
}

describe("a guard behind a linked directory whose link leads through another", () => {
  it.each([
    [".config/amp", "settings.json"],
    [".claude", "settings.json"],
    [".claude", "hooks/guard.sh"],
    [".claude", "skills/one/SKILL.md"],
    ["tools/one", "guard.json"],
  ])(
    "(%s/%s) is told at every swap of that one, and not at the first alone",
    async (directory, name) => {
      const host = createHost();
      writePolicy(host, NO_PATROL + INNER);
      const text = (version: string) => `{"version":"${version}"}\n`;
      for (const version of ["v1", "v2"]) host.write(`dot/${version}/${name}`, text(version));
      symlinkSync("v1", host.path("dot/cur"));
      host.write(`${directory}.beside`, "");
      symlinkSync(host.path("dot/cur"), host.path(directory));
      const agent = await host.start();
      const path = host.path(`${directory}/${name}`);
      await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
      let told = 0;
      for (let round = 0; round < ROUNDS; round += 1)
        for (const version of ["v2", "v1"]) {
          const before = agent.of(path).length;
          swap(host, "dot/cur", version);
          const event = await eventually(() =>
            agent
              .of(path)
              .slice(before)
              .find(has(text(version))),
          );
          expect(event.evidence.evidence_quality).not.toBe("delayed");
          told += 1;
        }
      show({ rounds: ROUNDS, lost: ROUNDS * 2 - told, did: { swaps: ROUNDS * 2 } });
    },
    600_000,
  );
});
