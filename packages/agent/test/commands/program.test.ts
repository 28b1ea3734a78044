import { SigilCommand } from "@sigil/cli/command";
import { describe, expect, it } from "vitest";
import { buildProgram } from "../../src/main.ts";

describe("the program", () => {
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
});
