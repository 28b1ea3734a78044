import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEvent, encodeEvent, eventSchema, rawKey } from "../../src/index.ts";
import { event } from "./build.ts";

const lone = fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code));
const lineEnd = fc.constantFrom(
  "\n",
  "\r",
  "\u2028",
  "\u2029",
  "\u0085",
  "\0",
  '"',
  "\\",
  "\ufeff",
);
const anyText = fc
  .array(fc.oneof(fc.string({ unit: "binary" }), lone, lineEnd), { maxLength: 12 })
  .map((parts) => parts.join(""));
const anyPath = fc.oneof(
  anyText,
  anyText.map((text) => `/${text}`),
  fc.array(fc.nat(255)).map((bytes) => rawKey(String.fromCharCode(...bytes))),
);

describe("the codec, for any path text", () => {
  it("gives back what it was given, from one line", () => {
    fc.assert(
      fc.property(anyPath, anyPath, (value, from) => {
        const made = event(value, { rename_from: from, symlink_target: value });
        const line = encodeEvent(made);
        expect(line).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
        expect(decodeEvent(line)).toEqual({ kind: "event", event: made });
      }),
    );
  });
  it("survives being written as UTF-8 and read back", () => {
    fc.assert(
      fc.property(anyPath, (value) => {
        const bytes = Buffer.from(encodeEvent(event(value)), "utf8");
        expect(decodeEvent(bytes.toString("utf8"))).toEqual({ kind: "event", event: event(value) });
      }),
    );
  });
  it("stays within the schema", () => {
    fc.assert(
      fc.property(anyPath, (value) => {
        expect(eventSchema.safeParse(event(value)).success).toBe(true);
      }),
    );
  });
  it("never throws at any line", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.json()), (line) => {
        expect(["event", "malformed"]).toContain(decodeEvent(line).kind);
      }),
    );
  });
});
