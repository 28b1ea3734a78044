import { z } from "zod";
import { count, flag, milliseconds } from "./field.ts";

const MIB = 1024 * 1024;

const watch = z
  .strictObject({
    poll: flag(false, "Find changes by polling instead of operating-system events."),
    poll_interval_ms: milliseconds(
      2000,
      3_600_000,
      "Time between two polls of the critical targets.",
    ),
    poll_standard_interval_ms: milliseconds(
      30_000,
      3_600_000,
      "Time between two polls of the standard targets.",
    ),
    patrol_ms: milliseconds(
      5000,
      3_600_000,
      "Time between two looks at watched directories and the files in them, for what sends no event: mounts, hard links.",
    ),
    poll_percent: count(
      10,
      { min: 1, max: 100 },
      "Share of the time that polling may take; what takes long is polled less often.",
    ),
    recheck_ms: milliseconds(
      5000,
      3_600_000,
      "Time from a change in a large standard tree to a second look at the standard targets.",
    ),
    max_shallow: count(
      8192,
      { min: 1, max: 1_000_000 },
      "Directories watched one by one; beyond it they are polled.",
    ),
    max_tree_entries: count(
      200_000,
      { min: 1, max: 100_000_000 },
      "Entries of large standard trees watched at once, some 250 bytes of memory each; a tree beyond it is polled.",
    ),
    max_tree_depth: count(
      128,
      { min: 1, max: 4096 },
      "Levels of a large standard tree that is watched; a deeper one is polled.",
    ),
    retry_ms: milliseconds(1000, 3_600_000, "Wait before a failed watcher is set up again."),
  })
  .prefault({})
  .meta({ title: "Watching" });

const settle = z
  .strictObject({
    critical_debounce_ms: milliseconds(40, 60_000, "Quiet time before a critical path is read."),
    standard_debounce_ms: milliseconds(100, 60_000, "Quiet time before a standard path is read."),
    critical_max_wait_ms: milliseconds(
      250,
      600_000,
      "Longest wait for a critical path that is never quiet.",
    ),
    standard_max_wait_ms: milliseconds(
      2000,
      600_000,
      "Longest wait for a standard path that is never quiet.",
    ),
    burst_ms: milliseconds(15, 60_000, "Hints closer together than this belong to one save."),
    max_pending: count(
      50_000,
      { min: 100, max: 5_000_000 },
      "Paths accepted and not yet in the spool, at once; further ones are left to a sweep.",
    ),
  })
  .prefault({})
  .meta({ title: "Settling" });

const hash = z
  .strictObject({
    max_bytes: count(
      10 * MIB,
      { min: 1024, max: 1024 ** 4 },
      "Largest file hashed; larger ones are `incomplete`. Bytes.",
    ),
    repeat_percent: count(
      10,
      { min: 1, max: 100 },
      "Share of the time that reading one large file over and over may take; what changes meanwhile is folded.",
    ),
    attempts: count(3, { min: 1, max: 100 }, "Reads of a file that changes while it is read."),
    inline_max_bytes: count(
      256 * 1024,
      { min: 0, max: 64 * MIB },
      "Files up to this size are read at once; larger ones by the worker, so that they delay no other. Bytes.",
    ),
  })
  .prefault({})
  .meta({ title: "Hashing" });

const sweep = z
  .strictObject({
    interval_s: count(600, { min: 5, max: 604_800 }, "Time between two sweeps. Seconds."),
    doubt_delay_ms: milliseconds(
      500,
      60_000,
      "Time from a doubt to its sweep; doubts in it share one sweep.",
    ),
    doubt_percent: count(
      25,
      { min: 1, max: 100 },
      "Share of the time that sweeps of the standard targets because of doubts may take; critical targets are swept at each doubt.",
    ),
    max_depth: count(64, { min: 1, max: 4096 }, "Directory levels below a target's base."),
    max_entries: count(
      500_000,
      { min: 100, max: 100_000_000 },
      "Directory entries read for one target; beyond it the target is incomplete.",
    ),
    reread_files: count(
      2000,
      { min: 0, max: 10_000_000 },
      "Files read again after each sweep though nothing says that they changed: contents can change in ways that move no time. All take their turn.",
    ),
    reread_bytes: count(
      64 * MIB,
      { min: 0, max: 1024 ** 4 },
      "Most that is read again after one sweep. Bytes.",
    ),
    batch: count(512, { min: 1, max: 10_000 }, "Findings handed over at a time."),
  })
  .prefault({})
  .meta({ title: "Sweeping" });

const record = z
  .strictObject({
    group_max: count(512, { min: 1, max: 100_000 }, "Events in one durable commit."),
    queue_max: count(
      4096,
      { min: 1, max: 1_000_000 },
      "Changes waiting to be recorded before reading pauses.",
    ),
    retry_ms: milliseconds(1000, 600_000, "Wait before a failed commit is tried again."),
    touch_note_ms: milliseconds(
      60_000,
      86_400_000,
      "At most one event in this time for a path rewritten with equal contents.",
    ),
  })
  .prefault({})
  .meta({ title: "Recording" });

const rate = z
  .strictObject({
    path_per_minute: count(
      120,
      { min: 1, max: 1_000_000 },
      "Events a minute for one standard path.",
    ),
    critical_path_per_minute: count(
      1200,
      { min: 1, max: 1_000_000 },
      "Events a minute for one critical path; the last state is never dropped.",
    ),
    target_per_minute: count(
      6000,
      { min: 1, max: 10_000_000 },
      "Events a minute for one standard target.",
    ),
    fold_max_ms: milliseconds(60_000, 600_000, "A folded path is reported within this time."),
  })
  .prefault({})
  .meta({ title: "Rate limits" });

const spool = z
  .strictObject({
    segment_max_bytes: count(
      16 * MIB,
      { min: 4096, max: 1024 ** 3 },
      "A segment is closed at this size. Bytes.",
    ),
    segment_max_age_s: count(
      3600,
      { min: 1, max: 2_592_000 },
      "A segment is closed at this age. Seconds.",
    ),
    soft_max_bytes: count(
      256 * MIB,
      { min: 4096, max: 1024 ** 4 },
      "Above it, segments already shipped are deleted. Bytes.",
    ),
    hard_max_bytes: count(
      1024 * MIB,
      { min: 8192, max: 1024 ** 4 },
      "Above it, the oldest segments are evicted and counted. Bytes.",
    ),
    min_free_bytes: count(
      64 * MIB,
      { min: 0, max: 1024 ** 4 },
      "Room left on the disk for others. Bytes.",
    ),
    full_disk: z.enum(["evict_oldest", "stop"]).default("evict_oldest").meta({
      description: "What gives way when the disk is full: the oldest segments, or new events.",
    }),
    look_ms: milliseconds(
      30_000,
      3_600_000,
      "Time between two looks at the spool, at which segments are closed by age, deleted and evicted, and damage to its directory is found.",
    ),
  })
  .prefault({})
  .meta({ title: "Spool" });

const health = z
  .strictObject({
    heartbeat_s: count(60, { min: 1, max: 86_400 }, "Time between two heartbeats. Seconds."),
    canary_s: count(60, { min: 1, max: 86_400 }, "Time between two canary writes. Seconds."),
    canary_timeout_ms: milliseconds(5000, 600_000, "A canary hint later than this is a doubt."),
    stall_ms: milliseconds(2000, 600_000, "An event loop blocked this long is a doubt."),
    restart_max: count(
      5,
      { min: 0, max: 1000 },
      "Restarts of a failed part before the process ends.",
    ),
    restart_window_s: count(
      300,
      { min: 1, max: 86_400 },
      "Time in which those restarts count. Seconds.",
    ),
  })
  .prefault({})
  .meta({ title: "Own health" });

const limits = z
  .strictObject({
    memory_mb: count(
      512,
      { min: 64, max: 1_048_576 },
      "Resident memory above which the process ends, to be restarted. MiB.",
    ),
    cpu_percent: count(100, { min: 1, max: 100 }, "Share of one core a sweep may take."),
    state_keep_removed_days: count(
      30,
      { min: 1, max: 3650 },
      "How long removed paths stay in the state database. Days.",
    ),
  })
  .prefault({})
  .meta({ title: "Own limits" });

const projects = z
  .strictObject({
    discover: flag(true, "Find projects from what the tools themselves remember."),
    max_depth: count(
      4,
      { min: 0, max: 32 },
      "Levels below a workspace in which projects are looked for.",
    ),
    max_projects: count(500, { min: 0, max: 100_000 }, "Projects watched at once."),
    max_directories: count(
      20_000,
      { min: 1, max: 10_000_000 },
      "Directories of one workspace that are looked into for projects, upper levels first; as many for what Cursor's folders in one home may mean.",
    ),
    max_entries: count(
      200_000,
      { min: 100, max: 100_000_000 },
      "Directory entries of one workspace that are read in looking for projects; as many for Cursor's folders in one home.",
    ),
  })
  .prefault({})
  .meta({ title: "Projects" });

const risk = z
  .strictObject({
    enabled: flag(true, "Assess guard files."),
    hold_ms: milliseconds(
      200,
      10_000,
      "Longest time a change of a guard file waits for its assessment, which decides its severity.",
    ),
    idle_s: count(20, { min: 1, max: 86_400 }, "The assessing thread ends after this. Seconds."),
    memory_mb: count(
      128,
      { min: 64, max: 65_536 },
      "Memory of the assessing thread; files that are too much for it are `unassessed`. MiB.",
    ),
    file_deadline_ms: milliseconds(2000, 60_000, "Time to assess one file."),
    file_max_bytes: count(
      4 * MIB,
      { min: 1024, max: 64 * MIB },
      "Largest guard file read; larger ones are `unassessed`. Bytes.",
    ),
    script_max_bytes: count(
      256 * 1024,
      { min: 1024, max: 16 * MIB },
      "Largest script a hook reaches that is read. Bytes.",
    ),
    script_depth: count(5, { min: 1, max: 32 }, "Scripts that start scripts are followed so far."),
    script_files: count(32, { min: 1, max: 1024 }, "Scripts read for one hook."),
    max_scripts: count(1024, { min: 0, max: 100_000 }, "Scripts of hooks watched at once."),
    evidence_max_bytes: count(
      256 * 1024,
      { min: 128 * 1024, max: 512 * 1024 },
      "Longest assessment told; of longer ones the last notices and controls are left out and counted in `omitted`, and then the texts of reasons cut. Bytes.",
    ),
    reattest_s: count(
      86_400,
      { min: 60, max: 2_592_000 },
      "An unchanged assessment is told again after this. Seconds.",
    ),
    remember_days: count(
      30,
      { min: 0, max: 3650 },
      "A return to what was assessed in this time (a branch switch) is quiet. Days.",
    ),
    sessions: flag(true, "Look at the flags of running agents."),
    session_interval_s: count(
      30,
      { min: 1, max: 86_400 },
      "Time between two looks at the running agents. Seconds.",
    ),
  })
  .prefault({})
  .meta({ title: "Risk" });

const control = z
  .strictObject({
    envelope_max_bytes: count(
      8 * MIB,
      { min: 64 * 1024, max: 64 * MIB },
      "Largest delivery of signed policy taken on the control socket. Bytes.",
    ),
    refusals_per_hour: count(
      30,
      { min: 1, max: 100_000 },
      "Refused deliveries told of in an hour; further ones are counted only.",
    ),
    expiry_warning_days: count(
      14,
      { min: 1, max: 3650 },
      "`sigil doctor` warns this long before a signed policy or its trust root expires. Days.",
    ),
  })
  .prefault({})
  .meta({ title: "Signed policy" });

/** Every limit and interval of the agent (design §6): the default and the range stand here and nowhere else. */
export const settingsSchema = z
  .strictObject({
    watch,
    settle,
    hash,
    sweep,
    record,
    rate,
    spool,
    health,
    limits,
    projects,
    risk,
    control,
  })
  .prefault({})
  .meta({ title: "Settings", description: "Limits and intervals of the agent." });

export type Settings = Readonly<z.output<typeof settingsSchema>>;
