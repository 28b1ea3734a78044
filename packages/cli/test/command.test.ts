import { describe, expect, it } from "vitest";
import { SigilCommand } from "@sigil/cli/command";

describe("SigilCommand", () => {
  it("makes its subcommands of its own kind", () => {
    expect(new SigilCommand("a").command("b").command("c")).toBeInstanceOf(SigilCommand);
  });

  it("turns several suggestions into a hint", () => {
    const program = new SigilCommand("sigil");
    program.command("bat");
    program.command("cat");
    expect(() => program.parse(["hat"], { from: "user" })).toThrow(
      expect.objectContaining({
        message: "unknown command 'hat'",
        hint: "did you mean bat, cat? `sigil --help` shows what it takes",
      }),
    );
  });
});
