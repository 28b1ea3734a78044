import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { quietEnv } from "@sigil/testkit";
import { describe, expect, it, onTestFailed, onTestFinished } from "vitest";
import { eventually } from "../harness.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** The demonstration behind `npm start`, as this checkout was built; what the two of them install was installed before. */
function startDemo() {
  const home = mkdtempSync("/tmp/sg-");
  const args = ["--conditions=@sigil/source", join(ROOT, "scripts/demo/main.ts")];
  const child = spawn(process.execPath, args, { cwd: home, env: quietEnv(home) });
  let shown = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
  onTestFailed(() => void process.stderr.write(`${shown}\n${said}\n`));
  onTestFinished(async () => {
    child.kill("SIGINT");
    await ended;
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  return { home, child, ended, shown: () => shown, said: () => said };
}

/** Programs of ours whose command line names this home. */
function left(home: string): string[] {
  const { stdout } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.includes(home));
}

describe("npm start", () => {
  it("shows changes as the server stored them, under a signed policy, and ends all three on Ctrl-C", async () => {
    const demo = startDemo();
    await eventually(() => /policy \S+\+signed:1:\w+/.test(demo.shown()), 60_000);
    mkdirSync(join(demo.home, ".claude"));
    writeFileSync(join(demo.home, ".claude/settings.json"), '{"hooks":{}}\n');
    await eventually(() => /warn +created +~\/\.claude\/settings\.json/.test(demo.shown()), 30_000);

    const [, url = ""] = /read API +(\S+)/.exec(demo.said()) ?? [];
    const [, token = ""] = /token +(\S+)/.exec(demo.said()) ?? [];
    const [, ca = ""] = /CA +(\S+)/.exec(demo.said()) ?? [];
    const page = `${url}?kind=file_change&severity=warn`;
    const asked = ["-s", "--cacert", ca, "-H", `Authorization: Bearer ${token}`, page];
    if (existsSync("/usr/bin/curl")) {
      const { stdout } = spawnSync("curl", asked, { encoding: "utf8" });
      expect(stdout.includes(".claude/settings.json")).toBe(true);
    }

    demo.child.kill("SIGINT");
    expect(await demo.ended).toBe(0);
    expect(demo.shown()).toMatch(/last heartbeat: \d+ events/);
    expect(demo.shown()).toMatch(/last sender heartbeat/);
    const log = readFileSync(join(demo.home, ".local/state/sigil/demo/server.log"), "utf8");
    expect(log).toContain('"msg":"stopped"');
    expect(left(demo.home)).toEqual([]);
    // What it leaves is its own: a later agent of this user finds no policy that it cannot check.
    expect(readdirSync(join(demo.home, ".local/state/sigil"))).toEqual(["demo"]);
  }, 120_000);
});
