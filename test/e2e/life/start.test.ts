import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "vitest";
import { createHost, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { has } from "./told.ts";

const HOOK = ".claude/hooks/guard.sh";
const ROUNDS = LONG ? 10 : 2;

/** Written on and on, so that some of it falls into the moment in which watchers are there and nothing else is. */
function busy(write: (count: number) => void): { stop(): Promise<number> } {
  let going = true;
  const ended = (async () => {
    for (let count = 0; ; count += 1) {
      write(count);
      if (!going) return count;
      await sleep(1);
    }
  })();
  return {
    stop() {
      going = false;
      return ended;
    },
  };
}

describe("a hook that is written without a pause", () => {
  it("while a policy is loaded keeps the agent from nothing, and its last contents are told", async () => {
    const host = createHost();
    for (let file = 0; file < 300; file += 1) host.write(`.claude/skills/s${file}/SKILL.md`, "x\n");
    const agent = await host.start();
    let told = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const writing = busy((count) => host.write(HOOK, `exit 2 # ${round} ${count}\n`));
      const before = (await host.status()).policy_version;
      writePolicy(host, `settings: {settle: {critical_debounce_ms: ${60 + round}}}\n`);
      agent.child.kill("SIGHUP");
      while ((await host.status()).policy_version === before) await sleep(20);
      const count = await writing.stop();
      await agent.saw(host.path(HOOK), has(`exit 2 # ${round} ${count}\n`));
      told += 1;
    }
    show({ rounds: ROUNDS, lost: ROUNDS - told, did: {} });
  }, 600_000);
});
