import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "@sigil/testkit";
import { host, jsonLines, type Host } from "./runner.ts";

let here: Host;
beforeEach(() => void (here = host()));
afterEach(() => here.close());

describe("run", () => {
  it("stops by itself after --duration, its log on standard error", async () => {
    const outcome = await here.sigil(["run", "--duration", "0.5"]);
    expect(outcome).toMatchObject({ code: 0, stdout: "" });
    expect(jsonLines(outcome.stderr).map((line) => line["msg"])).toContain("watching");
  });

  it("prints events as lines of JSON or text, each on standard output", async () => {
    here.write(".bashrc", "");
    const json = await here.sigil(["run", "--duration", "0.5", "--print", "json"]);
    expect(jsonLines(json.stdout).map((event) => event["evidence"])).toContainEqual(
      expect.objectContaining({ kind: "file_change", change_kind: "discovered" }),
    );
    here.write(".bashrc", "alias x=y\n");
    const text = await here.sigil(["run", "--duration", "0.5", "--print", "text"]);
    expect(text.stdout).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} {2}warn +modified \(delayed\) +~\/\.bashrc +\[shell-user-startup\]$/m,
    );
  });

  it("ends in order at the first Ctrl-C", async () => {
    const agent = await here.agent();
    agent.child.kill("SIGINT");
    expect(await agent.ended).toMatchObject({ code: 0, signal: null });
    expect((await here.sigil(["spool", "verify"])).code).toBe(0);
  });

  it("lives on when whoever reads its output goes away", async () => {
    const agent = await here.agent(["--print", "json"]);
    agent.child.stdout?.destroy();
    here.write(".bashrc", "1");
    const modified = ["show", "events", "--json", "--target", "shell-user-startup"];
    await eventually(async () => (await here.sigil(modified)).stdout.includes('"created"'));
    here.write(".bashrc", "22");
    await eventually(async () => (await here.sigil(modified)).stdout.includes('"modified"'));
    expect((await agent.stop()).code).toBe(0);
  });
});
