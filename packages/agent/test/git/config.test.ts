import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/git/config.ts";
import { git, type Scratch, scratch } from "./repo.ts";

let temp: Scratch;
beforeEach(() => {
  temp = scratch();
});
afterEach(() => temp.remove());

/** What git reads from the text: last value of each `section.key`, or null when it refuses it. */
function byGit(text: string): Record<string, string | null> | null {
  const file = join(temp.path, "config");
  writeFileSync(file, text, "latin1");
  try {
    const out = git(temp.path, ["config", "--file", file, "--list", "-z"]).toString("latin1");
    const pairs = out.split("\0").filter((pair) => pair !== "");
    return Object.fromEntries(
      pairs.map((pair): [string, string | null] => {
        const cut = pair.indexOf("\n");
        return cut === -1 ? [pair, null] : [pair.slice(0, cut), pair.slice(cut + 1)];
      }),
    );
  } catch {
    return null;
  }
}

function byUs(text: string): Record<string, string | null> | null {
  const values = parseConfig(text);
  return values === null ? null : Object.fromEntries(values);
}

describe("parseConfig", () => {
  describe("when git reads the same text", () => {
    it.each([
      "",
      "[core]\n\tbare = false\n\tRepositoryFormatVersion = 1 ; why\n",
      "[CORE] bare\n",
      "[core] bare = true\n[core]bare=no\n",
      "[core]\nbare = \n",
      "[core]\r\nworktree = /a b/c  \r\n",
      '[core]\nworktree = "/a;b # c "  # d\n',
      '[core]\nworktree = a" b "c\\"d\\\\e\\tf\n',
      "[core]\nworktree = one\\\ntwo\n",
      "[core]\nworktree = \\\n  one\n",
      "# only [core\n; comments\n",
      "[core]\nworktree = caf\u00e9\n",
      "\u00ef\u00bb\u00bf[core]\nbare = true\n",
      "[core]\nbare = true",
      "[core]\nbare",
    ])("finds the same (%j)", (text) => {
      const expected = byGit(text);
      expect(expected).not.toBeNull();
      expect(byUs(text)).toEqual(expected);
    });

    it.each([
      "[core\nbare = true\n",
      "[core]\nbare true\n",
      "[core]\n1bare = true\n",
      '[core]\nworktree = "open\n',
      "[core]\nworktree = a\\qb\n",
      "[core]\nbare ; comment\n",
      "]\n",
    ])("refuses the same (%j)", (text) => {
      expect(byGit(text)).toBeNull();
      expect(byUs(text)).toBeNull();
    });
  });

  describe("when a section has a subsection", () => {
    it("does not take its keys for the section's own", () => {
      expect(byUs('[core "bare"]\nbare = true\n[remote "a\\"]b"]\nurl = x\n')).toEqual({});
    });
  });
});
