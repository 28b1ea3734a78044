import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { diskFree } from "@sigil/host";
import { bytesText } from "@sigil/cli";
import { error, info, ok, warning, type Check, type Finding } from "./check.ts";

const INODES_LEAST = 1000;

/** Room for spool and state: bytes, inodes, and the spool's own limit. */
export const diskCheck: Check = {
  id: "disk",
  title: "Disk room",
  async run(facts) {
    const { paths } = facts.config;
    const { spool } = await facts.settings();
    const used = spoolBytes(paths.spool);
    const places = [...new Set([paths.spool, dirname(paths.state)])];
    const found = await Promise.all(
      places.map(async (path) => roomFindings(path, await diskFree(path), spool)),
    );
    const problems = found.flat();
    if (used > spool.hard_max_bytes * 0.9) problems.push(nearLimit(used, spool.hard_max_bytes));
    if (problems.length > 0) return problems;
    const room = await diskFree(paths.spool);
    const free = room.kind === "known" ? `${bytesText(room.bytes_free)} free` : "room not known";
    return ok(
      `${free}; the spool has ${bytesText(used)} of at most ${bytesText(spool.hard_max_bytes)}`,
    );
  },
};

type Room = Awaited<ReturnType<typeof diskFree>>;
type Limits = { readonly min_free_bytes: number; readonly segment_max_bytes: number };

function roomFindings(path: string, room: Room, limits: Limits): Finding[] {
  if (room.kind === "unknown") return [info(`${path}: room not known (${room.why})`)];
  const free = `${path}: ${bytesText(room.bytes_free)} free`;
  if (room.bytes_free < limits.segment_max_bytes)
    return [error(`${free}, less than one segment`, "make room: events soon wait in memory")];
  if (room.bytes_free < limits.min_free_bytes)
    return [
      warning(`${free}, less than spool.min_free_bytes`, "make room: old events are evicted"),
    ];
  if (room.inodes_free !== null && room.inodes_free < INODES_LEAST)
    return [
      warning(`${path}: ${room.inodes_free} inodes free`, "remove files that are not needed"),
    ];
  return [];
}

function nearLimit(used: number, most: number): Finding {
  return warning(
    `the spool has ${bytesText(used)} of at most ${bytesText(most)}`,
    "ship it, or raise spool.hard_max_bytes: beyond it the oldest events are evicted",
  );
}

function spoolBytes(dir: string): number {
  try {
    return readdirSync(dir).reduce(
      (sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  } catch {
    // Absent or unreadable: another check tells.
    return 0;
  }
}
