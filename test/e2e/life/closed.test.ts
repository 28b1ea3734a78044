import { chmodSync, mkdirSync, renameSync } from "node:fs";
import { describe, it } from "vitest";
import { createHost, eventually, NOBODY, writePolicy, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { last, OFTEN } from "./told.ts";

const ROUNDS = LONG ? 10 : 1;
const FILES = 100;
const CLOSED = 0o700;
const OPEN = 0o755;

function policyFor(tier: string): string {
  return `targets:\n  - {id: tree, tier: ${tier}, paths: ["~/tree"], recursive: true}\n${OFTEN}`;
}

function fill(host: TestHost, directory: string): string[] {
  return Array.from({ length: FILES }, (_, file) => host.write(`${directory}/f${file}`, "x\n"));
}

async function swept(host: TestHost): Promise<void> {
  await eventually(async () => {
    const { last_sweep_age_s: age, sweep_running: running } = await host.status();
    return age !== null && running === null;
  });
}

/** Closes a directory of a tree before a start, swaps what is in it, and opens it again. @returns files told */
async function swapClosed(host: TestHost, closed: string, round: number): Promise<number> {
  const old = fill(host, `${closed}/inner/deep/old${round}`);
  const fresh = fill(host, `${closed}/inner/deep/new${round}`);
  renameSync(host.path(`${closed}/inner/deep/new${round}`), host.path(`next${round}`));
  const before = await host.start({ uid: NOBODY });
  await swept(host);
  await before.stop();
  chmodSync(host.path(closed), CLOSED);
  const agent = await host.start({ uid: NOBODY });
  await swept(host);
  renameSync(host.path(`${closed}/inner`), host.path(`went${round}`));
  mkdirSync(host.path(`${closed}/inner/deep`), { recursive: true });
  renameSync(host.path(`next${round}`), host.path(`${closed}/inner/deep/new${round}`));
  chmodSync(host.path(closed), OPEN);
  for (const path of fresh) await eventually(() => last(agent, path)?.change_kind === "created");
  for (const path of old) await eventually(() => last(agent, path)?.change_kind === "removed");
  await agent.stop();
  return old.length + fresh.length;
}

describe("a directory that nobody may read when the agent starts", () => {
  const cases = ["critical", "standard"].flatMap((tier) =>
    ["tree", "tree/sub"].map((closed) => ({ tier, closed })),
  );
  it.each(cases)(
    "($tier, $closed) has what went meanwhile told as removed once it is open again",
    async ({ tier, closed }) => {
      const host = createHost({ owner: NOBODY });
      writePolicy(host, policyFor(tier));
      let told = 0;
      for (let round = 0; round < ROUNDS; round += 1) told += await swapClosed(host, closed, round);
      show({ rounds: ROUNDS, lost: ROUNDS * FILES * 2 - told, did: { files: told } });
    },
    LONG ? 600_000 : 120_000,
  );
});
