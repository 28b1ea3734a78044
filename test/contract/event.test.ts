import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { decodeEvent, encodeEvent, evidenceSchema, eventSchema } from "@sigil/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const GOLDEN = join(import.meta.dirname, "golden");
const golden = readdirSync(GOLDEN).flatMap((file) =>
  readFileSync(join(GOLDEN, file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line, index) => ({ kind: file.replace(".jsonl", ""), at: `${file}:${index + 1}`, line })),
);

const schema = z.toJSONSchema(eventSchema, { target: "draft-2020-12", io: "output" });
const ajv = new Ajv2020({ strict: true, allErrors: true });
formats.default(ajv);
const ajvAccepts = ajv.compile(schema);

/** What each of the two says; a contract two validators read differently is none. */
function verdicts(value: unknown) {
  return { zod: eventSchema.safeParse(value).success, ajv: ajvAccepts(value) };
}
const BOTH = { zod: true, ajv: true };
const NEITHER = { zod: false, ajv: false };

type Json = Record<string, unknown>;
const parse = (line: string) => JSON.parse(line) as Json & { evidence: Json };
const first = (kind: string) => parse(golden.find((one) => one.kind === kind)?.line ?? "null");

describe("golden lines", () => {
  it("cover every kind of evidence", () => {
    const kinds = evidenceSchema.options.map((option) => option.shape.kind.value);
    expect(new Set(golden.map((one) => one.kind))).toEqual(new Set<string>(kinds));
  });
  describe.each(golden)("$at", ({ kind, line }) => {
    it("is accepted by zod and by ajv", () => {
      expect(parse(line).evidence["kind"]).toBe(kind);
      expect(verdicts(parse(line)), JSON.stringify(ajvAccepts.errors)).toEqual(BOTH);
    });
    it("comes out of the codec byte for byte, in the order of the contract", () => {
      const decoded = decodeEvent(line);
      expect(decoded.kind === "event" && encodeEvent(decoded.event)).toBe(line);
      // Zod rebuilds objects in schema order: an equal line proves the golden line has it.
      expect(JSON.stringify(eventSchema.parse(parse(line)))).toBe(line);
    });
    it("is refused by both when any field is missing, unless the contract leaves it open", () => {
      const whole = parse(line);
      for (const field of Object.keys(whole)) {
        const { [field]: _gone, ...rest } = whole;
        expect(verdicts(rest), field).toEqual(field === "dedup_key" ? BOTH : NEITHER);
      }
      for (const field of Object.keys(whole.evidence)) {
        const { [field]: _gone, ...rest } = whole.evidence;
        expect(verdicts({ ...whole, evidence: rest }), `evidence.${field}`).toEqual(NEITHER);
      }
    });
    it("is refused by both when a field has another type", () => {
      const whole = parse(line);
      for (const field of Object.keys(whole.evidence)) {
        for (const wrong of [[[]], { x: { y: 1 } }]) {
          const changed = { ...whole, evidence: { ...whole.evidence, [field]: wrong } };
          expect(verdicts(changed), `evidence.${field}`).toEqual(NEITHER);
        }
      }
    });
    it("is refused by both with a field nobody knows", () => {
      const whole = parse(line);
      expect(verdicts({ ...whole, extra: 1 })).toEqual(NEITHER);
      expect(verdicts({ ...whole, evidence: { ...whole.evidence, extra: 1 } })).toEqual(NEITHER);
    });
  });
});

describe("the two validators", () => {
  const base = first("file_change");
  const evidence = (change: Json) => ({ ...base, evidence: { ...base.evidence, ...change } });
  const accept: [string, Json][] = [
    ["no target", { target_id: null }],
    ["the longest host id", { host_id: "x".repeat(128) }],
    ["a host id of other letters", { host_id: "büro-日本" }],
    ["the longest host id of astral letters", { host_id: "😀".repeat(128) }],
    ["a leap day", { ts: "2028-02-29T23:59:59.999Z" }],
    ["a lone surrogate in a path", { subject: { kind: "path", value: "/\ud800" } }],
    ["an empty path", { subject: { kind: "path", value: "" } }],
    ["a negative pid", { subject: { kind: "process", pid: -1, name: "" } }],
    ["an upper-case event id", { event_id: "019E0CEA-42F1-7EF3-9A6A-1721E98EE2BA" }],
  ];
  it.each(accept)("both accept %s", (_what, change) => {
    expect(verdicts({ ...base, ...change }), JSON.stringify(ajvAccepts.errors)).toEqual(BOTH);
  });
  it.each<[string, Json]>([
    ["mode 04755", { mode_after: "04755" }],
    ["the largest size", { size_after: Number.MAX_SAFE_INTEGER }],
    ["a size of 2.0", { size_after: JSON.parse("2.0") as number }],
    ["every nullable as null", { before_hash: null, after_hash: null, size_after: null }],
  ])("both accept a file_change with %s", (_what, change) => {
    expect(verdicts(evidence(change))).toEqual(BOTH);
  });
  it.each<[string, Json]>([
    ["schema version 2", { schema_version: 2 }],
    ["schema version as text", { schema_version: "1" }],
    ["UUIDv4", { event_id: "019e0cea-42f1-4ef3-9a6a-1721e98ee2ba" }],
    ["a UUID of the wrong variant", { event_id: "019e0cea-42f1-7ef3-1a6a-1721e98ee2ba" }],
    ["a UUID in braces", { event_id: "{019e0cea-42f1-7ef3-9a6a-1721e98ee2ba}" }],
    ["seconds only", { ts: "2026-05-10T07:14:32Z" }],
    ["microseconds", { ts: "2026-05-10T07:14:32.512000Z" }],
    ["an offset", { ts: "2026-05-10T07:14:32.512+02:00" }],
    ["no zone", { ts: "2026-05-10T07:14:32.512" }],
    ["30 February", { ts: "2026-02-30T07:14:32.512Z" }],
    ["29 February of no leap year", { ts: "2026-02-29T07:14:32.512Z" }],
    ["hour 24", { ts: "2026-05-10T24:00:00.000Z" }],
    ["a leap second", { ts: "2026-12-31T23:59:60.000Z" }],
    ["a lower-case z", { ts: "2026-05-10T07:14:32.512z" }],
    ["a newline after the time", { ts: "2026-05-10T07:14:32.512Z\n" }],
    ["an empty host id", { host_id: "" }],
    ["a host id too long", { host_id: "x".repeat(129) }],
    ["a host id too long by astral letters", { host_id: "😀".repeat(129) }],
    ["another severity", { severity: "WARN" }],
    ["another source", { source: { kind: "network" } }],
    ["a source with more", { source: { kind: "agent", name: "x" } }],
    ["another subject", { subject: { kind: "url", value: "x" } }],
    ["a subject without kind", { subject: { value: "/a" } }],
    ["a process without pid", { subject: { kind: "process", name: "x" } }],
    ["a self with a value", { subject: { kind: "self", value: "/a" } }],
    ["raw_base64 null", { subject: { kind: "path", value: "/a", raw_base64: null } }],
    ["an upper-case dedup key", { dedup_key: "A".repeat(32) }],
    ["a dedup key with a newline", { dedup_key: `${"a".repeat(32)}\n` }],
    ["dedup key null", { dedup_key: null }],
    ["unknown evidence", { evidence: { kind: "novel" } }],
    ["no evidence", { evidence: null }],
    ["evidence as a list", { evidence: [] }],
  ])("both refuse %s", (_what, change) => {
    expect(verdicts({ ...base, ...change })).toEqual(NEITHER);
  });
  it.each<[string, Json]>([
    ["another change", { change_kind: "MODIFIED" }],
    ["a short hash", { after_hash: "blake3:a31f" }],
    ["another hash", { after_hash: `sha256:${"a".repeat(64)}` }],
    ["a hash with a newline", { after_hash: `blake3:${"a".repeat(64)}\n` }],
    ["a negative size", { size_after: -1 }],
    ["half a byte", { size_after: 0.5 }],
    ["a size beyond exact numbers", { size_after: 2 ** 53 }],
    ["a size as text", { size_after: "1" }],
    ["mode without its zero", { mode_after: "644" }],
    ["mode as a number", { mode_after: 420 }],
    ["git_tracked as text", { git_tracked: "true" }],
  ])("both refuse a file_change with %s", (_what, change) => {
    expect(verdicts(evidence(change))).toEqual(NEITHER);
  });
  it.each([null, [], "x", 1, true])("both refuse %j for an event", (value) => {
    expect(verdicts(value)).toEqual(NEITHER);
  });
  it("both refuse a key named __proto__ at any level", () => {
    const line = golden.find((one) => one.kind === "file_change")?.line ?? "";
    for (const part of ["{", '"evidence":{', '"subject":{']) {
      const changed = line.replace(part, `${part}"__proto__":{},`);
      expect(changed).not.toBe(line);
      expect(verdicts(JSON.parse(changed)), part).toEqual(NEITHER);
    }
  });
  it("both read heartbeat counters as counts", () => {
    const beat = first("heartbeat");
    const by = (events_by_kind: unknown) => ({
      ...beat,
      evidence: { ...beat.evidence, events_by_kind },
    });
    expect(verdicts(by({ "": 0, "any name": 3 }))).toEqual(BOTH);
    for (const wrong of [{ a: -1 }, { a: 0.5 }, { a: "1" }, [1], null])
      expect(verdicts(by(wrong)), JSON.stringify(wrong)).toEqual(NEITHER);
  });
});
