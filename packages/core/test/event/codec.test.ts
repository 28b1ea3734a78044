import { describe, expect, it } from "vitest";
import { decodeEvent, encodeEvent, makeEvent } from "../../src/index.ts";
import { event, fileChange } from "./build.ts";

const without = (field: string) =>
  JSON.stringify(Object.fromEntries(Object.entries(event()).filter(([key]) => key !== field)));

describe("encodeEvent", () => {
  it("reproduces the reference line of the design, field for field", () => {
    const made = makeEvent(
      { hostId: "a2e1f4c9b8d7", agentVersion: "0.1.0" },
      {
        // Given in another order on purpose.
        targetId: "team-mcp-allowlist",
        evidence: fileChange(),
        subject: { kind: "path", value: "/Users/alice/.cursor/mcp.json" },
        source: "file_system",
        severity: "warn",
        ts: "2026-05-10T07:14:32.512Z",
        eventId: "019e0cea-42f1-7ef3-9a6a-1721e98ee2ba",
      },
    );
    const [head, tail] = [
      '{"schema_version":1,"event_id":"019e0cea-42f1-7ef3-9a6a-1721e98ee2ba","ts":"2026-05-10T07:14:32.512Z","host_id":"a2e1f4c9b8d7","agent_version":"0.1.0","severity":"warn","source":{"kind":"file_system"},"subject":{"kind":"path","value":"/Users/alice/.cursor/mcp.json"},"evidence":{"kind":"file_change","change_kind":"modified","before_hash":"blake3:aaaa',
      '","size_after":2148,"evidence_quality":"definitive","coalesced_count":1,"rename_from":null,"mode_before":"0644","mode_after":"0644","symlink_target":null,"git_tracked":null},"target_id":"team-mcp-allowlist"}',
    ];
    const line = encodeEvent(made);
    expect(line.slice(0, head.length)).toBe(head);
    expect(line.slice(-tail.length)).toBe(tail);
  });
  it("puts the dedup key last, and only when there is one", () => {
    expect(Object.keys(event())).not.toContain("dedup_key");
    const parts = {
      eventId: "e",
      ts: "t",
      severity: "info",
      source: "agent",
      subject: { kind: "self" },
      evidence: fileChange(),
      targetId: null,
      dedupKey: "k",
    } as const;
    const made = makeEvent({ hostId: "h", agentVersion: "v" }, parts);
    expect(Object.keys(made).at(-1)).toBe("dedup_key");
    expect(made.target_id).toBeNull();
  });
  it("stays on one line for every reader that splits lines", () => {
    const line = encodeEvent(event('/a\n\r\u000b\u000c\u001c\u0085\u2028\u2029"}'));
    const ends = ["\n", "\r", "\u000b", "\u000c", "\u001c", "\u0085", "\u2028", "\u2029"];
    expect(ends.filter((end) => line.includes(end))).toEqual([]);
    expect(JSON.parse(line)).toEqual(event('/a\n\r\u000b\u000c\u001c\u0085\u2028\u2029"}'));
  });
});

describe("decodeEvent", () => {
  describe("when the line is an event", () => {
    it("gives it back", () => {
      expect(decodeEvent(encodeEvent(event()))).toEqual({ kind: "event", event: event() });
    });
    it("keeps kinds and fields a newer writer added", () => {
      const newer = { ...event(), evidence: { kind: "novel", x: [1] }, later: true };
      expect(decodeEvent(JSON.stringify(newer))).toEqual({ kind: "event", event: newer });
    });
  });
  it("keeps the reference line of a risk event as it is, though this version emits none", () => {
    const evidence =
      '{"kind":"ai_guard_risk_assessed","tool":"claude-code","scope":"user-global","score":7.5,"reasons":[{"kind":"destructive_in_hook","pattern":"rm -rf","hook_event":"PreToolUse","snippet":"…"},{"kind":"no_sandbox","executor":"host-shell"},{"kind":"broad_matcher","matcher":".*"}]}';
    const line = encodeEvent(event()).replace(/"evidence":\{.*?\}/, `"evidence":${evidence}`);
    const decoded = decodeEvent(line);
    expect(decoded.kind === "event" && encodeEvent(decoded.event)).toBe(line);
  });
  describe("when it is not", () => {
    it.each([
      ["", /JSON|end/],
      ["{", /JSON/],
      ["\0", /JSON|token/i],
      ["null", "not a JSON object"],
      ["[]", "not a JSON object"],
      ['"x"', "not a JSON object"],
      ["{}", "no event_id"],
      [without("ts"), "no ts"],
      [without("host_id"), "no host_id"],
      [without("severity"), "no severity"],
      [without("source"), "no source.kind"],
      [without("subject"), "no subject.kind"],
      [JSON.stringify({ ...event(), evidence: { kind: 7 } }), "no evidence.kind"],
      [JSON.stringify({ ...event(), evidence: [] }), "no evidence.kind"],
      [JSON.stringify({ ...event(), evidence: null }), "no evidence.kind"],
    ])("says why of %j", (line, why) => {
      const result = decodeEvent(line);
      expect(result.kind).toBe("malformed");
      expect(result.kind === "malformed" && result.why).toMatch(why);
    });
    it("does not throw at a torn or a deeply nested line", () => {
      const line = encodeEvent(event());
      for (let end = 0; end < line.length; end += 1) {
        expect(decodeEvent(line.slice(0, end)).kind).toBe("malformed");
      }
      expect(decodeEvent("[".repeat(100_000)).kind).toBe("malformed");
      expect(decodeEvent('{"a":'.repeat(100_000)).kind).toBe("malformed");
    });
  });
});
