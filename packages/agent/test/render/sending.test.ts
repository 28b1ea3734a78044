import type { EvidenceOf } from "@sigil/core";
import { describe, expect, it } from "vitest";
import { sendingText } from "../../src/render/sending.ts";

const LAG = {
  kind: "sender_lag",
  state: "not_shipping",
  events: 1200,
  bytes: 1536,
  age_s: 3700,
} as const;

describe("sendingText", () => {
  it("says what is behind, for how long, and why", () => {
    expect(sendingText({ ...LAG, reason: "connect ECONNREFUSED" })).toBe(
      "sender not shipping (connect ECONNREFUSED): 1200 waiting, 1.5 KiB, for 1 h 1 min",
    );
    const caughtUp = { ...LAG, state: "caught_up", events: 0, reason: null } as const;
    expect(sendingText(caughtUp)).toBe("sender caught up: none waiting");
  });

  it("escapes what others wrote", () => {
    const failure: EvidenceOf<"tls_failure"> = {
      kind: "tls_failure",
      cause: "server_name_mismatch",
      server: "a:1",
      detail: "\u001b[31mred",
    };
    expect(sendingText(failure)).toBe(
      "no connection to a:1: server name mismatch (\\u001b[31mred)",
    );
  });

  it("leaves the agent's own kinds alone", () => {
    const dying = { kind: "agent_dying", reason: "x", part: "y", exit_code: 4 } as const;
    expect(sendingText(dying)).toBeNull();
  });
});
