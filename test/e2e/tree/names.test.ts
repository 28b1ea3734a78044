import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { ofKind } from "../events.ts";
import { createHost, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { untold } from "../loss/count.ts";

const PROJECTS = LONG ? 400 : 90;

/** Names that mean something to a glob, a shell, a terminal, a policy or a path. */
const NAMES = [
  "*",
  "**",
  "?",
  "[a-z]",
  "{a,b}",
  "!x",
  "$HOME",
  "$SIGIL_PROJECT",
  "~",
  "%VAR%",
  "-rf",
  "a b",
  "two\nlines",
  "\u001b[2J",
  "\u202Egnp",
  "'quote\"",
  "\\",
  "back\\slash",
  "(x)",
  "@(a|b)",
  "+(a)",
  "a...b",
  " ",
  "#",
  "&",
  ";",
  "é",
  "e\u0301",
  "🦀",
  "x".repeat(255),
];

describe("hundreds of projects whose names mean something to a glob, a shell or a terminal", () => {
  it("are each a project of its own, watched under its own name", async () => {
    const host = createHost();
    const files: string[] = [];
    for (let index = 0; index < PROJECTS; index += 1) {
      const name = NAMES[index % NAMES.length] as string;
      const folder = index < NAMES.length ? name : `${Math.floor(index / NAMES.length)}/${name}`;
      files.push(host.write(`code/${folder}/.claude/settings.json`, "{}\n"));
    }
    writePolicy(host, 'workspaces: ["~/code"]\n');
    const agent = await host.start();
    expect((await host.status()).projects).toBe(files.length);
    const texts = new Map(files.map((path, index) => [path, `{"edit":${index}}\n`]));
    for (const [path, text] of texts) host.write(path.slice(host.home.length + 1), text);
    let delayed = 0;
    for (const [path, text] of texts) {
      const edit = await agent.saw(path, ({ evidence }) => evidence.after_hash === b3(text));
      if (edit.evidence.evidence_quality === "delayed") delayed += 1;
      expect(edit.target_id).toBe("claude-code-project-settings");
    }
    expect(delayed).toBe(0);
    expect(ofKind(agent.events, "watcher_degraded")).toEqual([]);
    show({
      rounds: 1,
      lost: untold(agent, texts).length,
      did: { projects: files.length, delayed },
    });
  }, 600_000);
});
