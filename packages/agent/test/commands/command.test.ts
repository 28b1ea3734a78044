import { describe, expect, it } from "vitest";
import { SigilCommand } from "../../src/commands/command.ts";
import { buildProgram } from "../../src/main.ts";

describe("SigilCommand", () => {
  it("makes its subcommands of its own kind", () => {
    const words: string[] = [];
    const visit = (command: ReturnType<typeof buildProgram>) => {
      expect(command).toBeInstanceOf(SigilCommand);
      words.push(command.name());
      for (const child of command.commands) visit(child);
    };
    visit(buildProgram(() => undefined));
    expect(words).toContain("validate");
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
