import { readFileSync } from "node:fs";
import { SigilCommand } from "@sigil/cli/command";
import { SigilError } from "@sigil/core";
import { exitCodeOf } from "@sigil/cli";
import { describe, expect, it } from "vitest";
import { plainest, STYLE } from "../../src/commands/exit.ts";
import { contextOf } from "../../src/commands/context.ts";
import { SENDER_ERRORS } from "../../src/errors.ts";
import { buildProgram } from "../../src/main.ts";
import { VERSION } from "../../src/version.ts";

describe("the program", () => {
  it("has the version of its package", () => {
    const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    expect((JSON.parse(text) as { version: string }).version).toBe(VERSION);
  });

  it("has help for every command", () => {
    const words: string[] = [];
    const visit = (command: ReturnType<typeof buildProgram>) => {
      expect(command).toBeInstanceOf(SigilCommand);
      expect(command.description()).not.toBe("");
      words.push(command.name());
      for (const child of command.commands) visit(child);
    };
    visit(buildProgram(() => undefined));
    expect(words).toEqual(
      expect.arrayContaining(["run", "once", "status", "doctor", "enroll", "export", "version"]),
    );
  });
});

describe("contextOf", () => {
  const env = { HOME: "/home/a" };

  it("takes a flag before the environment, and that before the default", () => {
    expect(contextOf({}, env).request).toMatchObject({
      file: "/home/a/.config/sigil/sender.yaml",
      required: false,
      overrides: {},
    });
    const more = {
      ...env,
      SIGIL_SENDER_CONFIG: "/e/s.yaml",
      SIGIL_EVENTS_DIR: "/e/events",
      SIGIL_SENDER_STATE_DIR: "",
      SIGIL_MODE: "system",
    };
    const context = contextOf({ eventsDir: "/f/events" }, more);
    expect(context.mode).toBe("system");
    expect(context.request).toMatchObject({
      file: "/e/s.yaml",
      required: true,
      overrides: { eventsDir: "/f/events" },
    });
    expect(context.request.overrides).not.toHaveProperty("stateDir");
  });
});

describe("exit codes", () => {
  it.each([
    ["SIGIL_SENDER_SERVER_MISSING", 3],
    ["SIGIL_SENDER_PROXY_INVALID", 3],
    ["SIGIL_SENDER_CERTIFICATE", 3],
    ["SIGIL_SENDER_KEY_MODE", 3],
    ["SIGIL_SENDER_CA", 3],
    ["SIGIL_CONFIG_INVALID", 3],
    ["SIGIL_SENDER_RUNNING", 4],
    ["SIGIL_SENDER_ENROLL_REFUSED", 4],
    ["SIGIL_SPOOL_IO", 4],
  ])("%s is %d", (code, exit) => {
    expect(exitCodeOf(new SigilError(code, "x"), STYLE)).toBe(exit);
  });

  it("says of every failure what to do", () => {
    for (const { summary, hint } of Object.values(SENDER_ERRORS)) {
      expect(summary).toMatch(/\.$/);
      expect(hint).toMatch(/[.;]$/);
    }
  });
});

describe("plainest", () => {
  const locked = (cause: unknown) =>
    new SigilError("SIGIL_SPOOL_LOCKED", "locked", { cause, context: { dir: "/s" } });

  it("says that a sender runs when one holds the lock", () => {
    const cause = new SigilError("SIGIL_SENDER_RUNNING", "held");
    expect(plainest(locked(cause))).toBe(cause);
    const other = new Error("x");
    expect(plainest(other)).toBe(other);
  });
});
