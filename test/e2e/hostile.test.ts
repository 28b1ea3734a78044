import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { b3 } from "./digest.ts";
import { fileEvents, ofKind } from "./events.ts";
import { cannot, createHost, eventually, NOBODY, type TestHost } from "./harness.ts";

const DANGEROUS = "\u007f\u0085\u2028\u2029";

/** What splits a line for some reader, or drives a terminal. */
function dangerous(line: string): string[] {
  return Array.from(line).filter((char) => char < " " || DANGEROUS.includes(char));
}

describe("a file name", () => {
  it.each([
    ["with a newline", "two\nlines.sh"],
    ["with a bidirectional override", "guard\u202Ehs.txt"],
    ["with terminal escapes", "\u001b[2Jguard.sh"],
    ["with a NEL and a line separator", "a\u0085b\u2028c"],
    ["that reads like an event", '"},"evidence":{"kind":"heartbeat"}'],
  ])("%s stays on its line and comes back as it is", async (_what, name) => {
    const host = createHost();
    mkdirSync(host.path(".claude/hooks"), { recursive: true });
    const agent = await host.start();
    const path = host.write(`.claude/hooks/${name}`, "x\n");
    const event = await agent.saw(path);
    expect(event.subject).toEqual({ kind: "path", value: path });
    expect(event.evidence).toMatchObject({ change_kind: "created", after_hash: b3("x\n") });
    for (const line of agent.lines) expect(dangerous(line)).toEqual([]);
  });

  it("cannot drive the terminal in the readable form", async () => {
    const host = createHost();
    mkdirSync(host.path(".claude/hooks"), { recursive: true });
    const agent = await host.start({ print: "text" });
    host.write(".claude/hooks/\u001b[2J\u202Ebidi\nnext.sh", "x\n");
    const line = await eventually(() => agent.lines.find((one) => one.includes("bidi")));
    expect(line).toContain("next.sh");
    expect(dangerous(line)).toEqual([]);
    expect(line).not.toMatch(/[\u202a-\u202e]/);
  });

  it("that is not UTF-8 carries its bytes, at the first sight, on change and on removal", async () => {
    const host = createHost();
    const raw = (name: number[]) =>
      Buffer.concat([Buffer.from(`${host.path(".claude/hooks")}/`), Buffer.from(name)]);
    mkdirSync(host.path(".claude/hooks"), { recursive: true });
    const old = raw([0x6f, 0xff, 0x64]);
    const fresh = raw([0x6e, 0xfe, 0x77]);
    writeFileSync(old, "old\n");
    const agent = await host.start();
    const of = (path: Buffer) =>
      fileEvents(agent.events)
        .filter(
          ({ subject }) =>
            subject.kind === "path" && subject.raw_base64 === path.toString("base64"),
        )
        .map(({ evidence }) => evidence);
    await eventually(() => of(old).length === 1);
    expect(of(old)).toMatchObject([{ change_kind: "discovered", after_hash: b3("old\n") }]);
    writeFileSync(fresh, "new\n");
    await eventually(() => of(fresh).length === 1);
    expect(of(fresh)).toMatchObject([{ change_kind: "created", after_hash: b3("new\n") }]);
    writeFileSync(old, "changed\n");
    await eventually(() => of(old).at(-1)?.after_hash === b3("changed\n"));
    rmSync(fresh);
    await eventually(() => of(fresh).at(-1)?.change_kind === "removed");
  });
});

describe("a special file under a watched directory", () => {
  it("does not hang the agent and is told as incomplete", async () => {
    const host = createHost();
    mkdirSync(host.path(".claude/hooks"), { recursive: true });
    const before = host.path(".claude/hooks/before");
    execFileSync("mkfifo", [before]);
    const agent = await host.start();
    await agent.saw(before);
    const fifo = host.path(".claude/hooks/pipe");
    execFileSync("mkfifo", [fifo]);
    expect((await agent.saw(fifo)).evidence).toMatchObject({
      after_hash: null,
      evidence_quality: "incomplete",
    });
    // Over a file that is known: the name that a tool reads is now one that blocks.
    const hook = host.write(".claude/hooks/guard.sh", "x\n");
    await agent.saw(hook);
    execFileSync("mkfifo", [host.path("staged")]);
    renameSync(host.path("staged"), hook);
    await eventually(() => agent.of(hook).at(-1)?.evidence.after_hash === null);
    const after = host.write(".claude/settings.json", "{}\n");
    await agent.saw(after);
  });
});

function give(host: TestHost, ...names: string[]): void {
  for (const name of names) chownSync(host.path(name), NOBODY, NOBODY);
}

describe("what this user may not read", () => {
  it("is permission_missing and incomplete, and read once it may be", async ({ skip }) => {
    if (process.getuid?.() !== 0) cannot(skip, "only root can start the agent as another user");
    const host = createHost({ owner: NOBODY });
    const secret = host.write(".claude/hooks/secret.sh", "x\n");
    const inside = host.write(".claude/agents/locked/inside.md", "y\n");
    give(host, ".claude", ".claude/hooks", ".claude/agents");
    chmodSync(secret, 0o600);
    chmodSync(host.path(".claude/agents/locked"), 0o700);
    const agent = await host.start({ uid: NOBODY });

    expect((await agent.saw(secret)).evidence).toMatchObject({
      after_hash: null,
      evidence_quality: "incomplete",
    });
    const missing = (path: string) =>
      agent.events.find(
        ({ subject, evidence }) =>
          evidence.kind === "permission_missing" &&
          subject.kind === "path" &&
          subject.value === path,
      );
    await eventually(() => missing(secret));
    expect(missing(secret)?.evidence).toMatchObject({ operation: "read", error: "EACCES" });
    const locked = host.path(".claude/agents/locked");
    await eventually(() => missing(locked));
    expect(missing(locked)?.evidence).toMatchObject({ operation: "list", error: "EACCES" });
    expect(agent.of(inside)).toEqual([]);
    expect((await host.status()).conditions.map(({ code }) => code)).toContain(
      "permission-missing",
    );

    chmodSync(secret, 0o644);
    expect(
      (await agent.saw(secret, ({ evidence }) => evidence.after_hash !== null)).evidence,
    ).toMatchObject({ after_hash: b3("x\n") });
    const hook = join(host.path(".claude/hooks"), "mine.sh");
    writeFileSync(hook, "z\n");
    await agent.saw(hook);
  });

  it("does not make the files in a directory that can no longer be listed count as removed", async ({
    skip,
  }) => {
    if (process.getuid?.() !== 0) cannot(skip, "only root can start the agent as another user");
    const host = createHost({ owner: NOBODY });
    const hook = host.write(".claude/hooks/deep/a.sh", "x\n");
    give(host, ".claude", ".claude/hooks");
    chmodSync(host.path(".claude/hooks/deep"), 0o755);
    const first = await host.start({ uid: NOBODY });
    await first.saw(hook);
    await first.stop();
    chmodSync(host.path(".claude/hooks/deep"), 0o700);
    const second = await host.start({ uid: NOBODY });
    await eventually(() => ofKind(second.events, "permission_missing").length > 0);
    await second.stop();
    expect(second.of(hook)).toEqual([]);
  });
});
