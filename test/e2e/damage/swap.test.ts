import { execFileSync, spawn } from "node:child_process";
import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createHost, eventually } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { lostBelow, untold } from "../loss/count.ts";

const NO_LIMIT_MS = 600_000;
const SWAPPER = join(import.meta.dirname, "swapper.mjs");

describe("a guard file that changes into something else while it is looked at", () => {
  it(
    "never blocks the agent: a pipe that comes between the look and the opening",
    async () => {
      const host = createHost();
      const names = Array.from({ length: 40 }, (_, at) =>
        host.write(`.claude/commands/${at}.md`, "sound\n"),
      );
      const agent = await host.start();
      execFileSync("mkfifo", [host.path("pipe")]);
      const args = [SWAPPER, host.path("pipe"), host.path("scratch"), ...names];
      const swapper = spawn(process.execPath, args, { stdio: "ignore" });
      onTestFinished(() => void swapper.kill("SIGKILL"));
      const before = agent.events.length;
      const wanted = LONG ? 400 : 40;
      await eventually(() => agent.events.length - before > wanted, 240_000);
      const settings = host.write(".claude/settings.json", "{}\n");
      await agent.saw(settings);
      swapper.kill("SIGKILL");
      const lost = untold(agent, new Map([[settings, "{}\n"]])).length;
      show({ rounds: 1, lost, did: { events: agent.events.length - before } });
      expect(await agent.stop()).toEqual({ code: 0, signal: null });
    },
    NO_LIMIT_MS,
  );

  it(
    "never reads without an end: a device behind a link in its place",
    async () => {
      const host = createHost();
      const settings = host.write(".claude/settings.json", "{}\n");
      const agent = await host.start();
      const rounds = LONG ? 1000 : 50;
      for (let round = 0; round < rounds; round += 1) {
        symlinkSync("/dev/zero", host.path("next"));
        renameSync(host.path("next"), settings);
        host.replace(".claude/settings.json", `{"n":${round}}\n`);
        await new Promise((done) => setImmediate(done));
      }
      host.replace(".claude/settings.json", '{"last":true}\n');
      const size = '{"last":true}\n'.length;
      await agent.saw(settings, ({ evidence }) => evidence.size_after === size);
      const lost = lostBelow(agent, host.path(".claude")).length;
      show({ rounds, lost, did: { swaps: rounds } });
      expect(await agent.stop()).toEqual({ code: 0, signal: null });
    },
    NO_LIMIT_MS,
  );
});
