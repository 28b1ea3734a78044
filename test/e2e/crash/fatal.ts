import { writeFileSync } from "node:fs";
import type { TestHost } from "../harness.ts";

export type Death = "throws" | "exits" | "runs out of memory";

/** Loaded into every thread of the agent: the one that is named in `order` dies when it next has something to say. */
const PRELOAD = `
import { existsSync, readFileSync, rmSync } from "node:fs";
import { isMainThread, parentPort, threadName } from "node:worker_threads";

const deaths = {
  throws: () => { throw new Error("a thread that throws"); },
  exits: () => process.exit(1),
  "runs out of memory": () => {
    for (const held = []; ; ) held.push(Array.from({ length: 100_000 }, (_, at) => ({ at })));
  },
};
if (!isMainThread && parentPort) {
  const post = parentPort.postMessage.bind(parentPort);
  const order = ORDER + threadName;
  let dying = false;
  parentPort.postMessage = (...message) => {
    if (dying) return;
    if (!existsSync(order)) return post(...message);
    const { how, often } = JSON.parse(readFileSync(order, "utf8"));
    if (!often) rmSync(order);
    dying = true;
    setImmediate(deaths[how]);
  };
}
`;

/** Threads of the agent that die when told to. */
export function fatalThreads(host: TestHost) {
  const order = host.path("order-");
  const preload = host.write("preload.mjs", PRELOAD.replace("ORDER", JSON.stringify(order)));
  return {
    env: { NODE_OPTIONS: `--max-old-space-size=96 --import=${preload}` },
    /** What a thread has to say next is never heard. @param often: nor what its successors say */
    die(thread: "sigil-sweep" | "sigil-risk", how: Death, often = false): void {
      writeFileSync(order + thread, JSON.stringify({ how, often }));
    },
  };
}
