// Generated from packages/core/src/policy/settings.ts by "pnpm gen"; do not edit.
import type { Settings } from "../policy/settings.ts";

/** The settings of a policy that sets none. */
export const DEFAULT_SETTINGS: Settings = {
  "watch": {
    "poll": false,
    "poll_interval_ms": 2000,
    "poll_standard_interval_ms": 30000,
    "patrol_ms": 5000,
    "poll_percent": 10,
    "recheck_ms": 5000,
    "max_shallow": 8192,
    "max_tree_entries": 200000,
    "max_tree_depth": 128,
    "retry_ms": 1000
  },
  "settle": {
    "critical_debounce_ms": 40,
    "standard_debounce_ms": 100,
    "critical_max_wait_ms": 250,
    "standard_max_wait_ms": 2000,
    "burst_ms": 15,
    "max_pending": 50000
  },
  "hash": {
    "max_bytes": 10485760,
    "repeat_percent": 10,
    "attempts": 3,
    "inline_max_bytes": 262144
  },
  "sweep": {
    "interval_s": 600,
    "doubt_delay_ms": 500,
    "doubt_percent": 25,
    "max_depth": 64,
    "max_entries": 500000,
    "reread_files": 2000,
    "reread_bytes": 67108864,
    "batch": 512
  },
  "record": {
    "group_max": 512,
    "queue_max": 4096,
    "retry_ms": 1000,
    "touch_note_ms": 60000
  },
  "rate": {
    "path_per_minute": 120,
    "critical_path_per_minute": 1200,
    "target_per_minute": 6000,
    "fold_max_ms": 60000
  },
  "spool": {
    "segment_max_bytes": 16777216,
    "segment_max_age_s": 3600,
    "soft_max_bytes": 268435456,
    "hard_max_bytes": 1073741824,
    "min_free_bytes": 67108864,
    "full_disk": "evict_oldest",
    "look_ms": 30000
  },
  "health": {
    "heartbeat_s": 60,
    "canary_s": 60,
    "canary_timeout_ms": 5000,
    "stall_ms": 2000,
    "restart_max": 5,
    "restart_window_s": 300
  },
  "limits": {
    "memory_mb": 512,
    "cpu_percent": 100,
    "state_keep_removed_days": 30
  },
  "projects": {
    "discover": true,
    "max_depth": 4,
    "max_projects": 500,
    "max_directories": 20000,
    "max_entries": 200000
  },
  "risk": {
    "enabled": true,
    "hold_ms": 200,
    "idle_s": 20,
    "memory_mb": 128,
    "file_deadline_ms": 2000,
    "file_max_bytes": 4194304,
    "script_max_bytes": 262144,
    "script_depth": 5,
    "script_files": 32,
    "max_scripts": 1024,
    "evidence_max_bytes": 262144,
    "reattest_s": 86400,
    "remember_days": 30,
    "sessions": true,
    "session_interval_s": 30
  },
  "control": {
    "envelope_max_bytes": 8388608,
    "refusals_per_hour": 30,
    "expiry_warning_days": 14
  }
};
