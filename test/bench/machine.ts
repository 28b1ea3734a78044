import { readFileSync, statfsSync } from "node:fs";
import { arch, cpus, loadavg, release, tmpdir, totalmem, type } from "node:os";

/** What the figures depend on. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gib: number;
  readonly system: string;
  readonly filesystem: string;
  readonly node: string;
  /** Processes that wanted a core in the minute before: others' work is in every figure. */
  readonly load: number;
}

export function machine(): Machine {
  const [first] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${first?.model.trim() ?? "unknown"} (${arch()})`,
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 1024 ** 3),
    // The numbers say what matters; a vendor's suffix says who built it.
    system: `${type()} ${release().split("-", 1)[0]}`,
    filesystem: filesystemOf(tmpdir()),
    node: process.versions.node,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** Type of the filesystem a path is on, by its mount: the longest mount point above it. */
function filesystemOf(path: string): string {
  let found = { point: "", name: `type 0x${statfsSync(path).type.toString(16)}` };
  for (const [, point = "", name = ""] of mounts()) {
    const above = path === point || path.startsWith(point === "/" ? "/" : `${point}/`);
    if (above && point.length >= found.point.length) found = { point, name };
  }
  return found.name;
}

function mounts(): string[][] {
  try {
    return readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" "));
  } catch {
    return [];
  }
}
