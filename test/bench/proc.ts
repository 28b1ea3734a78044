import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Resident memory by what it is. MiB; on Linux only. */
export interface Memory {
  readonly rss: number;
  /** Heap, stacks and the like: what only this process has. */
  readonly anonymous: number;
  /** Code and data of programs and libraries, shared with every other process that runs them. */
  readonly file: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN) / 1024;
  return { rss: mib("VmRSS"), anonymous: mib("RssAnon"), file: mib("RssFile") };
}

/** Share of one core a process used, all its threads together, over a time. Percent. */
export async function cpuShare(pid: number, ms: number): Promise<number> {
  const [startTicks, start] = [ticks(pid), performance.now()];
  await sleep(ms);
  const seconds = (performance.now() - start) / 1000;
  return ((ticks(pid) - startTicks) / ticksPerSecond() / seconds) * 100;
}

function ticks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name stands in parentheses and may hold spaces: fields are counted behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function ticksPerSecond(): number {
  return Number(spawnSync("getconf", ["CLK_TCK"], { encoding: "utf8" }).stdout) || 100;
}
