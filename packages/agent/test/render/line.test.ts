import { printable } from "@sigil/cli";
import { describe, expect, it } from "vitest";
import type { Evidence, SigilEvent } from "@sigil/core";
import { renderLine } from "../../src/render/line.ts";

const CHANGE = {
  kind: "file_change",
  change_kind: "modified",
  before_hash: null,
  after_hash: null,
  size_after: 1,
  evidence_quality: "definitive",
  coalesced_count: 0,
  rename_from: null,
  mode_before: null,
  mode_after: null,
  symlink_target: null,
  git_tracked: null,
} as const satisfies Evidence;

function event(evidence: Evidence, path = "/home/ana/.bashrc"): SigilEvent {
  return {
    schema_version: 1,
    event_id: "019e0cea-42f1-7ef3-9a6a-1721e98ee2ba",
    ts: "2026-05-10T07:14:32.512Z",
    host_id: "h",
    agent_version: "0.1.0",
    severity: "warn",
    source: { kind: "file_system" },
    subject: { kind: "path", value: path },
    evidence,
    target_id: "shell",
  };
}

const PLAIN = { color: false, home: "/home/ana" };

describe("renderLine", () => {
  it("says when, how bad, what, to what, under which target", () => {
    expect(renderLine(event(CHANGE), PLAIN)).toBe(
      "07:14:32.512  warn      modified    ~/.bashrc  [shell]",
    );
  });

  it("says the day of events of the past", () => {
    expect(renderLine(event(CHANGE), { ...PLAIN, date: true })).toMatch(
      /^2026-05-10 07:14:32\.512 /,
    );
  });

  it("colors the severity, and only where color is wanted", () => {
    const colored = renderLine(event(CHANGE), { ...PLAIN, color: true });
    expect(colored).toContain("\u001b[33mwarn    \u001b[0m");
    expect(renderLine(event(CHANGE), PLAIN)).not.toContain("\u001b");
  });

  it("says the quality, the old name and the modes", () => {
    const renamed = { ...CHANGE, change_kind: "renamed", rename_from: "/a\nb" } as const;
    expect(renderLine(event(renamed), PLAIN)).toContain("renamed from /a\\u000ab");
    const attributes = {
      ...CHANGE,
      change_kind: "attributes_modified",
      mode_before: "0600",
      mode_after: "0644",
      evidence_quality: "delayed",
    } as const;
    expect(renderLine(event(attributes), PLAIN)).toContain(
      "attributes modified 0600 → 0644 (delayed)",
    );
  });

  it("leaves paths outside the home whole", () => {
    expect(renderLine(event(CHANGE, "/home/anabel/x"), PLAIN)).toContain("  /home/anabel/x  ");
  });

  describe("when the event is of a newer version", () => {
    it("names what it does not know", () => {
      const line = renderLine(event({ kind: "novel\u001b[2J" } as unknown as Evidence), PLAIN);
      expect(line).toContain("novel\\u001b[2J  ~/.bashrc");
    });

    it("gives an unknown severity no color and no control characters", () => {
      const odd = { ...event(CHANGE), severity: "dire\u0007" } as unknown as SigilEvent;
      expect(renderLine(odd, { ...PLAIN, color: true })).toContain("dire\\u0007");
      expect(renderLine(odd, { ...PLAIN, color: true })).not.toContain("\u001b");
    });
  });
});

describe("printable", () => {
  it("lets no control and no bidirectional override through", () => {
    expect(printable("a\u001b[31m\u202eb\u0085\nc")).toBe("a\\u001b[31m\\u202eb\\u0085\\u000ac");
  });

  it("leaves text of any language alone", () => {
    expect(printable("jürgen/日本語/🙂")).toBe("jürgen/日本語/🙂");
  });
});
