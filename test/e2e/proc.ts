import { readdirSync, readFileSync } from "node:fs";

/** What the kernel says of a running process. */
export interface ProcessFacts {
  /** Resident memory now and at its highest. MiB. */
  readonly rss: number;
  readonly peak: number;
  /** Bytes read by any call, from disk or cache. */
  readonly read: number;
  readonly descriptors: number;
  /** Processor time of all threads. Seconds. */
  readonly cpu: number;
}

/** Ticks a second in `/proc`: fixed for programs by the kernel's interface. */
const TICKS = 100;

export function factsOf(pid: number): ProcessFacts {
  const of = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
  const status = of("status");
  const mib = (name: string) => Math.round(numberIn(status, name) / 1024);
  const stat = of("stat");
  // The name stands in parentheses and may hold spaces: fields are counted behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    rss: mib("VmRSS"),
    peak: mib("VmHWM"),
    read: numberIn(of("io"), "rchar"),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS,
  };
}

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? Number.NaN);
}
