import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { quietEnv, tempDir } from "@sigil/testkit";
import { describe, expect, it } from "vitest";
import { buildProgram, exitCodeOf, SIGNER_ERRORS } from "../../src/cli.ts";
import { fail } from "../../src/errors.ts";
import { VERSION } from "../../src/version.ts";
import { bench, complaint } from "./bench.ts";

const PACKAGE = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

describe("the program sigil-sign", () => {
  it("has the version of its package", () => {
    const { version } = JSON.parse(readFileSync(resolve(PACKAGE, "package.json"), "utf8")) as {
      version: string;
    };
    expect(VERSION).toBe(version);
  });

  it("gives every command a help with an example", () => {
    const lacking: string[] = [];
    const visit = (program: ReturnType<typeof buildProgram>) => {
      let help = "";
      program.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
      const isGroup = program.commands.length > 0;
      if (!isGroup && !help.includes("$ sigil-sign")) lacking.push(program.name());
      program.commands.forEach(visit);
    };
    visit(buildProgram(() => undefined));
    expect(lacking).toEqual([]);
  });

  it("says what is wrong with a command line", async () => {
    const here = bench();
    const outcome = await here.run("sing");
    here.remove();
    expect([outcome.code, outcome.stdout]).toEqual([2, ""]);
    expect(complaint(outcome).hint).toContain("did you mean sign?");
  });

  it("ends with 3 for what is configured wrong and 4 for what went wrong", () => {
    const codes = Object.keys(SIGNER_ERRORS) as (keyof typeof SIGNER_ERRORS)[];
    const configured = codes.filter((code) => exitCodeOf(fail(code, "")) === 3);
    expect(configured).toEqual([
      "SIGIL_TRUST_INVALID",
      "SIGIL_TRUST_UNREADABLE",
      "SIGIL_SIGNER_POLICY_INVALID",
      "SIGIL_SIGNER_ROOT_INVALID",
    ]);
    expect(codes.every((code) => [3, 4].includes(exitCodeOf(fail(code, ""))))).toBe(true);
  });

  it("runs as a program of its own", async () => {
    const home = tempDir();
    const entry = resolve(PACKAGE, "src/bin.ts");
    const options = { cwd: home.path, env: quietEnv(home.path) };
    const start = (...words: string[]) =>
      run(process.execPath, ["--conditions=@sigil/source", entry, ...words], options);
    const { stdout } = await start("keygen", "--out", "a.key", "--no-passphrase");
    expect(stdout).toMatch(/^[0-9a-f]{64} {2}a\.key\n$/);
    await expect(start("inspect", "a.key")).rejects.toMatchObject({ code: 4, stdout: "" });
    home.remove();
  });
});
