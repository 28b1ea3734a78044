import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkLine, isDeeper } from "../src/line.ts";
import { eventOf, uuid, type EventParts } from "./kit.ts";

const limits = { maxEventBytes: 10_000, maxJsonDepth: 64 };
const check = (line: string | Buffer) => checkLine(Buffer.from(line as string), "host-a", limits);
const checkEvent = (parts: EventParts) => check(JSON.stringify(eventOf(parts)));

describe("a line", () => {
  describe("when it is an event", () => {
    it("is admitted with what it is looked up by", () => {
      const event_id = uuid().toUpperCase();
      const dedup_key = "0123456789abcdef0123456789abcdef";
      expect(checkEvent({ event_id, dedup_key, severity: "high" })).toEqual({
        kind: "event",
        event: {
          eventId: event_id.toLowerCase(),
          ts: "2026-05-10T07:14:32.512Z",
          severity: "high",
          kind: "file_change",
          dedupKey: dedup_key,
        },
      });
    });

    it.each<[string, EventParts]>([
      ["a kind that is not known", { evidence: { kind: "from_the_future", anything: [1] } }],
      ["fields that are not known", { later: { a: 1 }, __proto__: null }],
      ["a key of another form", { dedup_key: "of another form" }],
    ])("is admitted with %s", (_name, parts) => {
      expect(checkEvent(parts)).toMatchObject({ kind: "event" });
    });
  });

  describe("when it is not an event", () => {
    it.each<[string, EventParts]>([
      ["schema_version", { schema_version: 2 }],
      ["event_id of another version", { event_id: "019e0cea-42f1-4ef3-9a6a-1721e98ee2ba" }],
      ["event_id", { event_id: 7 }],
      ["ts without milliseconds", { ts: "2026-05-10T07:14:32Z" }],
      ["ts with an offset", { ts: "2026-05-10T07:14:32.512+00:00" }],
      ["ts of no day", { ts: "2026-13-10T07:14:32.512Z" }],
      ["host_id", { host_id: null }],
      ["severity", { severity: "toString" }],
      ["source", { source: [] }],
      ["subject", { subject: "self" }],
      ["evidence", { evidence: null }],
      ["evidence.kind", { evidence: { kind: 1 } }],
      ["evidence.kind, too long", { evidence: { kind: "x".repeat(65) } }],
      ["evidence.kind, empty", { evidence: { kind: "" } }],
    ])("is refused for its %s", (_name, parts) => {
      expect(checkEvent(parts)).toMatchObject({ kind: "rejected", reason: "not_an_event" });
    });

    it.each(["[]", "null", "7", '"event"'])("is refused: %s", (line) => {
      expect(check(line)).toMatchObject({ reason: "not_an_event", eventId: null });
    });

    it.each(["", "{", "\uFEFF{}", "{'a':1}", "nul"])("is refused, not JSON: %j", (line) => {
      expect(check(line)).toMatchObject({ reason: "not_json", eventId: null });
    });
  });

  describe("when it is another host's", () => {
    it("is refused by name", () => {
      const event_id = uuid();
      expect(checkEvent({ event_id, host_id: "host-b" })).toMatchObject({
        reason: "host_id_mismatch",
        eventId: event_id,
      });
    });
  });

  describe("when it is too much", () => {
    it("is refused by its size", () => {
      expect(checkEvent({ pad: "x".repeat(10_000) })).toMatchObject({ reason: "too_large" });
    });

    it("is refused by its depth, however deep, without parsing it", () => {
      const deep = "[".repeat(9000);
      expect(check(deep)).toMatchObject({ reason: "not_an_event" });
      const nested = (depth: number) =>
        `${JSON.stringify(eventOf()).slice(0, -1)},"deep":${"[".repeat(depth)}${"]".repeat(depth)}}`;
      expect(check(nested(63))).toMatchObject({ kind: "event" });
      expect(check(nested(64))).toMatchObject({ reason: "not_an_event" });
    });
  });
});

describe("the depth of a line", () => {
  describe("when brackets stand in strings", () => {
    it.each([
      [String.raw`{"a":"\"[[[[[["}`, false],
      [String.raw`{"a":"\\","b":[[["["]]]}`, true],
    ])("knows where a string ends: %s", (line, isDeep) => {
      expect(isDeeper(Buffer.from(line), 3)).toBe(isDeep);
    });

    it("does not count them", () => {
      const depthOf = (value: unknown): number =>
        typeof value === "object" && value !== null
          ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
          : 0;
      fc.assert(
        fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: "binary" }), (value) => {
          const line = Buffer.from(JSON.stringify(value));
          const depth = depthOf(value);
          expect(isDeeper(line, depth)).toBe(false);
          if (depth > 0) expect(isDeeper(line, depth - 1)).toBe(true);
        }),
      );
    });
  });
});

describe("whatever bytes a line has", () => {
  describe("when it is checked", () => {
    it("is judged, never a crash", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          expect(["event", "rejected"]).toContain(check(Buffer.from(bytes)).kind);
        }),
      );
      fc.assert(
        fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(eventOf())), (value, field) => {
          expect(["event", "rejected"]).toContain(checkEvent({ [field]: value }).kind);
        }),
        { numRuns: 300 },
      );
    });
  });
});
