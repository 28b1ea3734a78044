import { describe, expect, it } from "vitest";
import { parseRequest } from "../../src/control/protocol.ts";

describe("parseRequest", () => {
  describe("when it is a request this version knows", () => {
    it("takes its operation and nothing else of it", () => {
      expect(parseRequest('{"op":"status"}')).toEqual({ op: "status" });
      expect(parseRequest('{"op":"reload","policy":"/etc/evil.yaml"}')).toEqual({ op: "reload" });
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
