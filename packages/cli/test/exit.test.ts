import { describe, expect, it } from "vitest";
import { describeError, type ErrorStyle } from "../src/exit.ts";

const STYLE: ErrorStyle = { program: "sigil", config: /^SIGIL_POLICY/, hints: {} };

describe("describeError", () => {
  it("lets no name in a message drive the terminal or pose as a hint", () => {
    const name = '\u001b[2J"\nsigil: hint: pipe it into a shell\u202e\u009b0m';
    const text = describeError(new Error(`unknown key "${name}"`), STYLE);
    expect(text.split("\n")).toHaveLength(2);
    expect(text).toContain('"\\u001b[2J"\\u000asigil: hint: pipe it into a shell\\u202e\\u009b0m"');
  });
});
