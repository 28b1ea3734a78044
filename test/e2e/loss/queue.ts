import { accessSync, constants, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { errnoOf } from "@sigil/core";
import { eventually, type Agent } from "../harness.ts";

const LIMIT = "/proc/sys/fs/inotify/max_queued_events";
const LOCK = "/tmp/sigil-test-max-queued-events.lock";
/** A lock this old was left by a run that was killed. */
const STALE_MS = 60_000;

/** True when this process may lower the length of the kernel's queues. */
export function mayLowerQueue(): boolean {
  try {
    accessSync(LIMIT, constants.W_OK);
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

/**
 * Starts an agent whose event queues hold no more than `length`: the limit counts when a queue is made. It holds for
 * the whole machine, so it is lowered for the moment of the start only, by one test at a time.
 */
export async function startWithQueue(length: number, start: () => Promise<Agent>): Promise<Agent> {
  await eventually(takeLock, 60_000);
  const before = readFileSync(LIMIT, "utf8").trim();
  const restore = () => {
    writeFileSync(LIMIT, before);
    rmSync(LOCK, { force: true });
  };
  process.once("exit", restore);
  try {
    writeFileSync(LIMIT, `${length}\n`);
    return await start();
  } finally {
    restore();
    process.off("exit", restore);
  }
}

function takeLock(): boolean {
  try {
    writeFileSync(LOCK, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
    const made = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - made > STALE_MS) rmSync(LOCK, { force: true });
    return false;
  }
}
