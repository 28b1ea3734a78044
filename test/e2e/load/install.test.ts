import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { lastStates } from "../events.ts";
import { cannot, createHost, writePolicy, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { lostBelow, untold } from "../loss/count.ts";
import { countBelow, during, expectUnharmed } from "./during.ts";
import { runProgram } from "./program.ts";

const PACKAGES = LONG ? 40 : 8;
const FILES = LONG ? 500 : 150;
const NPM = "/usr/bin/npm";

/** Packages on disk: nothing comes from a registry. */
function makePackages(host: TestHost): string[] {
  const names = Array.from({ length: PACKAGES }, (_, index) => `made-${index}`);
  for (const name of names) {
    const at = `packages/${name}`;
    host.write(`${at}/package.json`, JSON.stringify({ name, version: "1.0.0" }));
    // A package may carry anything: what lies inside `node_modules` is no project's own.
    host.write(`${at}/.claude/settings.json`, "{}\n");
    for (let index = 0; index < FILES; index += 1)
      host.write(`${at}/lib/d${index % 20}/f${index}.js`, `// ${name} ${index}\n`);
  }
  return names;
}

describe("npm install in a workspace", () => {
  it("keeps no critical edit elsewhere waiting, is not told file by file, and tells what it writes to guard files", async ({
    skip,
  }) => {
    if (!existsSync(NPM)) cannot(skip, `no ${NPM}`);
    const host = createHost();
    const names = makePackages(host);
    host.write("code/app/package.json", '{"name":"app","version":"1.0.0"}\n');
    host.write("code/app/.npmrc", "audit=false\nfund=false\n");
    host.write("code/app/.claude/skills/one/SKILL.md", "x\n");
    writePolicy(host, 'workspaces: ["~/code"]\n');
    const agent = await host.start();
    const specs = names.map((name) => `file:${host.path(`packages/${name}`)}`);
    const flags = ["--offline", "--ignore-scripts", "--install-links", "--no-audit", "--no-fund"];
    const npm = ["install", ...flags, ...specs];
    const app = host.path("code/app");
    const cost = await during(host, agent, () =>
      runProgram(NPM, npm, {
        cwd: app,
        home: host.home,
        env: { npm_config_cache: host.path(".npm"), npm_config_update_notifier: "false" },
      }),
    );
    expect(readdirSync(`${app}/node_modules/${names[0] as string}/lib`)).not.toEqual([]);
    expectUnharmed(agent, cost);
    expect(countBelow(agent, `${app}/node_modules`)).toBe(0);

    // The install over, a guard file beside it is told as ever.
    const settings = host.write("code/app/.claude/settings.json", '{"after":1}\n');
    await agent.saw(settings);
    expect(lastStates(agent.events, `${app}/.claude`).has(settings)).toBe(true);
    const edits = lostBelow(agent, host.path(".claude"));
    show({
      rounds: 1,
      lost: [...edits, ...untold(agent, new Map([[settings, '{"after":1}\n']]))].length,
      did: { packages: PACKAGES, files: PACKAGES * FILES, ...cost },
    });
  }, 600_000);
});
