import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createHost, eventually, type Agent, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { lostBelow } from "../loss/count.ts";

const NO_LIMIT_MS = 600_000;
const MIB = 1024 * 1024;
/** What a flood may add to the memory of the agent at most. Bytes. */
const ROOM = 128 * MIB;

const socketOf = (host: TestHost) => join(dirname(host.stateDb), "control.sock");

/** Resident memory. Bytes. */
function memoryOf({ child }: Agent): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Never an unhandled error: being cut off is the point. */
function dial(host: TestHost): Socket {
  const socket = connect(socketOf(host));
  socket.on("error", () => socket.destroy());
  return socket;
}

/** Resolves when the agent has cut it off, or has answered and ended. @returns what it said */
async function ended(socket: Socket): Promise<string> {
  let said = "";
  socket.setEncoding("utf8").on("data", (text: string) => (said += text));
  if (!socket.closed) await new Promise((done) => socket.once("close", done));
  return said;
}

/** The agent still records and still answers, and has not grown. */
async function isWell(host: TestHost, agent: Agent, before: number, round: number): Promise<void> {
  await agent.saw(host.write(`.claude/commands/after-${round}.md`, `${round}\n`));
  const { pid } = await eventually(async () => await host.status(), 60_000);
  expect(pid).toBe(agent.child.pid);
  expect(memoryOf(agent) - before).toBeLessThan(ROOM);
}

const HOSTILE: readonly (readonly [string, (socket: Socket) => void])[] = [
  ["garbage", (socket) => socket.end(Buffer.alloc(MIB, 0x80))],
  ["a line without an end", (socket) => socket.write(Buffer.alloc(8 * MIB, 0x61))],
  [
    "a delivery without an end",
    (socket) => {
      socket.write('{"op":"envelope","delivery":"');
      socket.write(Buffer.alloc(32 * MIB, 0x61));
    },
  ],
  ["JSON nested ever deeper", (socket) => socket.end(`${"[".repeat(60_000)}\n`)],
  ["requests without a number", (socket) => socket.end('{"op":"status"}\n'.repeat(4000))],
  ["the end before the request", (socket) => socket.end()],
  ["an end in the middle", (socket) => (socket.write('{"op":"sta'), socket.destroy())],
  ["names of a prototype", (socket) => socket.end('{"__proto__":{"op":"reload"}}\n')],
];

describe("the control socket under attack", () => {
  it(
    "whatever is sent: it is refused in bounds, and the agent goes on",
    async () => {
      const host = createHost();
      const agent = await host.start();
      const before = memoryOf(agent);
      const rounds = LONG ? 20 : 2;
      for (let round = 0; round < rounds; round += 1) {
        for (const [what, send] of HOSTILE) {
          const socket = dial(host);
          send(socket);
          const said = await ended(socket);
          expect(said, what).not.toContain('"policy_version":"envelope');
        }
        await isWell(host, agent, before, round);
      }
      const lost = lostBelow(agent, host.path(".claude")).length;
      show({ rounds, lost, did: { attacks: rounds * HOSTILE.length } });
      expect(await agent.stop()).toEqual({ code: 0, signal: null });
    },
    NO_LIMIT_MS,
  );

  it(
    "thousands of connections that say nothing, or a byte at a time: they are cut off, and the agent goes on",
    async () => {
      const host = createHost();
      const agent = await host.start();
      const before = memoryOf(agent);
      const many = LONG ? 10_000 : 1000;
      const atOnce = 250;
      for (let made = 0; made < many; made += atOnce) {
        const sockets = Array.from({ length: atOnce }, () => dial(host));
        for (const [at, socket] of sockets.entries()) if (at % 2 === 0) socket.write("{");
        if (made % 1000 === 0)
          await agent.saw(host.write(`.claude/commands/during-${made}.md`, `${made}\n`));
        for (const socket of sockets) socket.destroy();
      }
      const slow = Array.from({ length: 16 }, () => dial(host));
      const drip = setInterval(() => slow.forEach((socket) => socket.write(" ")), 200);
      await agent.saw(host.write(".claude/commands/slow.md", "slow\n"));
      // The agent ends them after 30 seconds, or is stopped before: it must not wait for them.
      if (LONG) await Promise.all(slow.map(async (socket) => await ended(socket)));
      else for (const socket of slow.slice(1)) socket.destroy();
      await isWell(host, agent, before, 0);
      const lost = lostBelow(agent, host.path(".claude")).length;
      show({ rounds: 1, lost, did: { connections: many } });
      expect(await agent.stop()).toEqual({ code: 0, signal: null });
      clearInterval(drip);
      for (const socket of slow) socket.destroy();
    },
    NO_LIMIT_MS,
  );
});
