import { describe, expect, it } from "vitest";
import { ENVELOPE_START, envelopeRequestBytes, parseRequest } from "../../src/control/protocol.ts";

describe("parseRequest", () => {
  describe("when it is a request this version knows", () => {
    it("takes its operation and nothing else of it", () => {
      expect(parseRequest('{"op":"status"}')).toEqual({ op: "status" });
      expect(parseRequest('{"op":"reload","policy":"/etc/evil.yaml"}')).toEqual({ op: "reload" });
    });
  });

  describe("when it carries a delivery", () => {
    it("takes the text as it is, and nothing but text", () => {
      expect(parseRequest('{"op":"envelope","delivery":"e30="}')).toEqual({
        op: "envelope",
        delivery: "e30=",
      });
      for (const delivery of ["null", "7", '["e30="]', "{}"])
        expect(parseRequest(`{"op":"envelope","delivery":${delivery}}`)).toBeNull();
      expect(parseRequest('{"op":"envelope"}')).toBeNull();
    });

    it("has room for the largest one", () => {
      for (const bytes of [1, 65_536, 8 * 1024 * 1024]) {
        const delivery = Buffer.alloc(bytes).toString("base64");
        const line = JSON.stringify({ op: "envelope", delivery });
        expect(line.startsWith(ENVELOPE_START)).toBe(true);
        expect(line.length).toBeLessThanOrEqual(envelopeRequestBytes(bytes));
      }
    });
  });

  describe("when it is anything else", () => {
    it.each([
      "",
      "null",
      "7",
      '"status"',
      "[]",
      "{}",
      '{"op":"stop"}',
      '{"op":["status"]}',
      '{"__proto__":{"op":"status"}}',
      "{",
      "\0",
    ])("is none: %j", (line) => {
      expect(parseRequest(line)).toBeNull();
    });
  });
});
