import { describe, expect, it } from "vitest";
import { eventSchema, SCHEMA_VERSION } from "../../src/index.ts";
import { event } from "./build.ts";

const accepts = (change: object) => eventSchema.safeParse({ ...event(), ...change }).success;

describe("eventSchema", () => {
  it("is version 1 and takes what makeEvent makes", () => {
    expect(SCHEMA_VERSION).toBe(1);
    expect(eventSchema.parse(event())).toEqual(event());
  });
  it("keeps the order of the fields of the contract", () => {
    expect(Object.keys(eventSchema.shape)).toEqual([
      "schema_version",
      "event_id",
      "ts",
      "host_id",
      "agent_version",
      "severity",
      "source",
      "subject",
      "evidence",
      "target_id",
      "dedup_key",
    ]);
  });
  describe("when a field is wrong", () => {
    it.each([
      { schema_version: 2 },
      { event_id: "019e0cea-42f1-4ef3-9a6a-1721e98ee2ba" },
      { ts: "2026-05-10T07:14:32Z" },
      { ts: "2026-05-10T07:14:32.512+00:00" },
      { ts: "2026-02-30T07:14:32.512Z" },
      { host_id: "" },
      { host_id: "x".repeat(129) },
      { severity: "low" },
      { source: { kind: "network" } },
      { subject: { kind: "path" } },
      { subject: { kind: "path", value: "/a", extra: 1 } },
      { target_id: undefined },
      { dedup_key: "A".repeat(32) },
      { dedup_key: "a".repeat(31) },
      { dedup_key: null },
      { extra: 1 },
    ])("refuses %o", (change) => {
      expect(accepts(change)).toBe(false);
    });
  });
  it.each([
    { target_id: null },
    { dedup_key: "0".repeat(32) },
    { subject: { kind: "self" } },
    { subject: { kind: "process", pid: 1, name: "x" } },
    { subject: { kind: "path", value: "\ufffd", raw_base64: "/w==" } },
    { host_id: "x".repeat(128) },
  ])("takes %o", (change) => {
    expect(accepts(change)).toBe(true);
  });
});
