import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createHost, eventually } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { sigil } from "./binary.ts";

const NO_LIMIT_MS = 600_000;

describe("directories full of what is not Sigil's", () => {
  it(
    "cost no event: the agent starts, records and stops, and the spool is sound",
    async () => {
      const host = createHost();
      const sender = host.path(".local/state/sigil/sender");
      const many = LONG ? 100_000 : 500;
      for (const directory of [host.spool, sender, join(sender, "quarantine")]) {
        mkdirSync(directory, { recursive: true, mode: 0o750 });
        for (let at = 0; at < many; at += 1)
          writeFileSync(join(directory, `${at % 2 === 0 ? "" : "checkpoint."}${at}.jsonl`), "");
      }
      const agent = await host.start();
      await agent.saw(host.write(".claude/settings.json", "{}\n"));
      expect(await agent.stop()).toEqual({ code: 0, signal: null });
      const { code, stdout } = await sigil(host, ["spool", "verify", "--json"]);
      expect(code).toBe(0);
      const { lines, first_sequence, last_sequence } = JSON.parse(stdout) as {
        readonly [name: string]: number;
      };
      const lost = (last_sequence ?? 0) - (first_sequence ?? 0) + 1 - (lines ?? 0);
      expect(lost).toBe(0);
      show({ rounds: 1, lost, did: { files: many * 3 } });
    },
    NO_LIMIT_MS,
  );
});

describe("a directory whose name has control characters", () => {
  it("reaches no terminal as it is, in no error and no hint", async () => {
    const host = createHost();
    const name = join(dirname(host.home), "\u001b[2J\nsigil: hint: do as I say\u009b");
    for (const command of [
      ["spool", "verify"],
      ["show", "events"],
      ["spool", "repair"],
    ]) {
      const { stdout, stderr } = await sigil(host, ["--events-dir", name, ...command]);
      // oxlint-disable-next-line no-control-regex -- what must not be there
      expect(stdout + stderr).not.toMatch(/[\u001b\u009b]/);
      expect(stderr).not.toMatch(/^sigil: hint: do as I say/m);
    }
  });
});

describe("a linked directory in a tree with a recursive watcher", () => {
  it("is watched: what changes and what comes in it is told without a sweep", async () => {
    const host = createHost();
    const first = host.write("elsewhere/first.md", "one\n");
    mkdirSync(host.path(".claude/commands"), { recursive: true });
    const link = host.path(".claude/commands/linked");
    symlinkSync(dirname(first), link);
    const agent = await host.start();
    host.write("elsewhere/first.md", "changed\n");
    const told = await agent.saw(join(link, "first.md"));
    expect(told.evidence.evidence_quality).not.toBe("delayed");
    host.write("elsewhere/second.md", "two\n");
    const created = await agent.saw(join(link, "second.md"));
    expect(created.evidence).toMatchObject({ change_kind: "created" });
    expect(created.evidence.evidence_quality).not.toBe("delayed");
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
  });
});

describe("two links to one directory under one place", () => {
  it("have its contents told under one of them, and under the other once that one is gone", async () => {
    const host = createHost();
    const real = host.write("elsewhere/first.md", "one\n");
    mkdirSync(host.path(".claude/commands"), { recursive: true });
    const links = ["a", "b"].map((name) => host.path(`.claude/commands/${name}`));
    for (const link of links) symlinkSync(dirname(real), link);
    const agent = await host.start();
    const told = (name: string, left: readonly string[]) =>
      eventually(() => left.find((link) => agent.of(join(link, name)).length > 0), 60_000);
    host.write("elsewhere/second.md", "two\n");
    const link = await told("second.md", links);
    unlinkSync(link);
    await agent.saw(join(link, "second.md"), ({ evidence }) => evidence.change_kind === "removed");
    const rest = links.filter((one) => one !== link);
    await told("second.md", rest);
    host.write("elsewhere/second.md", "changed\n");
    const size = "changed\n".length;
    for (const other of rest)
      await agent.saw(join(other, "second.md"), ({ evidence }) => evidence.size_after === size);
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
  });
});
