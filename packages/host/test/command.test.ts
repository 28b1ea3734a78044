import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { win32 } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Env, TOOLS, type Tool, commandRunner, toolPaths, whyNoAnswer } from "../src/index.ts";

let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sigil-host-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function runnerOf(script: string, env: Env = {}) {
  const file = join(dir, "tool");
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return commandRunner({
    platform: "linux",
    env,
    paths: () => [join(dir, "none"), file],
    limits: { timeoutMs: 10_000 },
  });
}

// Windows runs no shell scripts.
describe.skipIf(process.platform === "win32")("commandRunner", () => {
  it("gives exit code and both streams of the first candidate that exists", async () => {
    const run = runnerOf(`printf '%s|' "$@"; echo bad >&2; exit 3`);
    expect(await run("systemctl", ["a b", "$HOME;`id`"])).toEqual({
      kind: "exited",
      code: 3,
      stdout: "a b|$HOME;`id`|",
      stderr: "bad\n",
    });
  });

  it("passes no environment but its own", async () => {
    const run = runnerOf("/usr/bin/env", {
      LD_PRELOAD: "/evil.so",
      PATH: "/evil",
      DBUS_SESSION_BUS_ADDRESS: "unixexec:path=/evil",
      XDG_RUNTIME_DIR: "/run/user/1000",
    });
    const outcome = await run("systemctl", []);
    const lines = outcome.kind === "exited" ? outcome.stdout.trim().split("\n") : [];
    const names = lines.map((line) => line.split("=", 1)[0]);
    expect(
      names.filter((name) => !["PWD", "SHLVL", "_", "OLDPWD"].includes(name ?? "")).sort(),
    ).toEqual(["LC_ALL", "PATH", "XDG_RUNTIME_DIR"]);
    expect(lines).toContain("PATH=/usr/bin:/bin:/usr/sbin:/sbin");
  });

  it("drops a relative XDG_RUNTIME_DIR", async () => {
    const outcome = await runnerOf(`echo "[$XDG_RUNTIME_DIR]"`, { XDG_RUNTIME_DIR: "run" })(
      "systemctl",
      [],
    );
    expect(outcome).toMatchObject({ stdout: "[]\n" });
  });

  it("gives the tool an empty standard input", async () => {
    expect(await runnerOf("cat; echo done")("dscl", [])).toMatchObject({ stdout: "done\n" });
  });

  it("kills a tool that does not end, even one that ignores SIGTERM", async () => {
    const run = runnerOf("trap '' TERM; while :; do :; done");
    expect(await run("systemctl", [], { timeoutMs: 100 })).toEqual({
      kind: "timed_out",
      timeoutMs: 100,
    });
  });

  it.each(["stdout", "stderr"])("kills a tool that floods %s", async (stream) => {
    const run = runnerOf(`exec ${stream === "stderr" ? ">&2" : ""} ; yes`);
    expect(await run("systemctl", [], { maxBytes: 1000 })).toEqual({
      kind: "too_large",
      maxBytes: 1000,
    });
  });

  it("reports a tool that is in none of its places", async () => {
    const run = commandRunner({ platform: "linux", env: {}, paths: () => [join(dir, "none")] });
    expect(await run("reg", [])).toEqual({ kind: "absent" });
  });

  it("reports a tool that may not be executed", async () => {
    const run = runnerOf("exit 0");
    chmodSync(join(dir, "tool"), 0o644);
    expect(await run("sc", [])).toEqual({ kind: "failed", why: "EACCES" });
  });
});

describe("toolPaths", () => {
  it("names absolute files only", () => {
    for (const tool of Object.keys(TOOLS) as Tool[]) {
      if (["reg", "sc", "powershell"].includes(tool)) continue;
      for (const path of toolPaths(tool, "linux", { PATH: "/evil" })) {
        expect(isAbsolute(path)).toBe(true);
      }
    }
  });

  it.each([
    [{ SYSTEMROOT: "D:\\Windows" }, "D:\\Windows\\System32\\reg.exe"],
    [{}, "C:\\Windows\\System32\\reg.exe"],
    [{ SystemRoot: "\\\\evil\\share" }, "C:\\Windows\\System32\\reg.exe"],
    [{ SystemRoot: "C:\\Temp\\..\\x" }, "C:\\Windows\\System32\\reg.exe"],
    [{ SystemRoot: "relative" }, "C:\\Windows\\System32\\reg.exe"],
  ])("resolves reg.exe with %j", (env, path) => {
    expect(toolPaths("reg", "windows", env)).toEqual([path]);
    expect(win32.isAbsolute(path)).toBe(true);
  });
});

describe("whyNoAnswer", () => {
  it("says why in one phrase", () => {
    expect(whyNoAnswer({ kind: "absent" }, "sc")).toBe("sc is not installed");
    expect(whyNoAnswer({ kind: "timed_out", timeoutMs: 5 }, "sc")).toContain("within 5 ms");
    expect(whyNoAnswer({ kind: "too_large", maxBytes: 5 }, "sc")).toContain("more than 5 bytes");
    expect(whyNoAnswer({ kind: "failed", why: "EACCES" }, "sc")).toContain("EACCES");
    expect(whyNoAnswer({ kind: "exited", code: 5, stdout: "", stderr: "" }, "sc")).toBe(
      "sc exited with 5",
    );
  });
});
