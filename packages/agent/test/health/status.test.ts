import { describe, expect, it } from "vitest";
import { evidenceSchema } from "@sigil/core";
import { fakeClock } from "@sigil/testkit";
import { createConditions, heartbeatOf, type AgentStatus } from "../../src/health/status.ts";

const STATUS: AgentStatus = {
  version: "0.1.0",
  pid: 1,
  started_at: "2026-01-01T00:00:00.000Z",
  uptime_s: 5,
  mode: "user",
  host_id: "h",
  policy_version: "baseline:1",
  policy_file: null,
  policy_layers: ["baseline"],
  signed: {
    trust: null,
    policy: null,
    least_version: 0,
    highest_time: null,
    unusable: null,
    refused: null,
    refusals_total: 0,
  },
  targets: 1,
  roots: 2,
  projects: 3,
  watcher_backend: "fs.watch",
  watched_directories: 4,
  polling: false,
  hasher: "wasm",
  queue_depth: 6,
  settling: 7,
  events_emitted_total: 8,
  events_by_kind: { heartbeat: 8 },
  hash_p50_ms: null,
  hash_p99_ms: 1.5,
  last_sweep_age_s: null,
  sweep_running: null,
  spool: { spool_id: "s", last_sequence: 9, bytes: 10 },
  state_db_size_bytes: 11,
  memory_mb: 12,
  conditions: [],
};

describe("createConditions", () => {
  describe("when a condition is raised twice", () => {
    it("keeps when it began, and has the later detail", () => {
      const clock = fakeClock(0);
      const conditions = createConditions(clock.now);
      conditions.raise("spool-stalled", "one");
      clock.advance(5000);
      conditions.raise("spool-stalled", "two");
      expect(conditions.list()).toEqual([
        {
          code: "spool-stalled",
          severity: "high",
          title: expect.any(String) as string,
          detail: "two",
          since: "1970-01-01T00:00:00.000Z",
        },
      ]);
    });
  });

  describe("when it is cleared", () => {
    it("is gone, and begins anew when it comes again", () => {
      const clock = fakeClock(0);
      const conditions = createConditions(clock.now);
      conditions.raise("spool-stalled", "one");
      conditions.clear("spool-stalled");
      expect(conditions.list()).toEqual([]);
      clock.advance(1000);
      conditions.raise("spool-stalled", "again");
      expect(conditions.list()[0]?.since).toBe("1970-01-01T00:00:01.000Z");
    });
  });
});

describe("heartbeatOf", () => {
  describe("when a status is told", () => {
    it("is evidence as the schema has it", () => {
      const beat = heartbeatOf(STATUS, true);
      expect(evidenceSchema.parse(beat)).toEqual(beat);
      expect(beat).toMatchObject({ is_final: true, spool_bytes: 10, hash_p50_ms: null });
    });
  });
});
