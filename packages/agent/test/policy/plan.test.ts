import { chownSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { makePlan, SCRIPT_TARGET, type PlanInput } from "../../src/policy/plan.ts";
import { combine } from "../../src/policy/effective.ts";
import { parsePolicy } from "../../src/policy/load.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
  dir.mkdir("home");
});
afterEach(() => dir.remove());

/** A plan for one home under a local policy. */
function plan(policy: object, given: Partial<PlanInput> = {}) {
  const text = JSON.stringify({ version: 1, ...policy });
  return makePlan({
    policy: combine(parsePolicy(text, "p.yaml"), null).policy,
    platform: "linux",
    homes: [{ user: null, path: dir.at("home") }],
    env: {},
    privileged: false,
    scripts: [],
    ...given,
  });
}

const TARGET = { id: "mine", tier: "critical", paths: ["$SIGIL_PROJECT/.mine", "~/.mine"] };

describe("makePlan", () => {
  describe("when hooks reach scripts", () => {
    it("watches each as a critical place, whatever its name; a target of the policy names it first", () => {
      const odd = "/opt/a [b]*.sh";
      const mine = dir.at("home/.mine");
      const made = plan({ targets: [TARGET] }, { scripts: [odd, mine] });
      expect(made.matcher.match(odd)).toMatchObject({ targetId: SCRIPT_TARGET, tier: "critical" });
      expect(made.matcher.match("/opt/a b.sh")).toBeNull();
      expect(made.matcher.match(mine)?.targetId).toBe("mine");
    });
  });

  describe("when a target is asked for", () => {
    it("has the tier of one that counts here, whether it has a place just now or not", () => {
      const of = plan({ targets: [TARGET, { ...TARGET, id: "off", disabled: true }] });
      expect(of.tierOf("mine")).toBe("critical");
      expect(of.tierOf("off")).toBeNull();
      expect(of.tierOf("unknown")).toBeNull();
      expect(of.tierOf(SCRIPT_TARGET)).toBe("critical");
    });
  });

  describe("when a policy names places in the home and in projects", () => {
    it("has a root for each, and finds it again by its index", () => {
      dir.mkdir("home/code/one/.git");
      const of = plan({ targets: [TARGET], workspaces: ["~/code"] });
      const mine = of.roots.filter((root) => root.targetId === "mine");
      expect(mine.map(({ base }) => base)).toEqual([
        dir.at("home/code/one/.mine"),
        dir.at("home/.mine"),
      ]);
      for (const root of of.roots) expect(of.roots[of.indexOf(root)]).toBe(root);
      expect(of.matcher.match(dir.at("home/.mine"))?.targetId).toBe("mine");
    });
  });

  describe("when projects are found and recorded", () => {
    beforeEach(() => {
      for (const name of ["a", "b", "c"]) dir.mkdir("home/code", name, ".git");
      const projects = {
        [dir.at("elsewhere")]: {},
        [dir.at("home/code/a")]: {},
        [dir.at("home")]: {},
        "/": {},
      };
      dir.write("home/.claude.json", JSON.stringify({ projects }));
    });

    it("has each once, and neither a home nor the filesystem root", () => {
      expect(plan({ workspaces: ["~/code"] }).projects).toEqual([
        dir.at("elsewhere"),
        dir.at("home/code/a"),
        dir.at("home/code/b"),
        dir.at("home/code/c"),
      ]);
    });

    it("has no more than the limit", () => {
      const settings = { projects: { max_projects: 2 } };
      expect(plan({ workspaces: ["~/code"], settings }).projects).toHaveLength(2);
    });

    it("asks no records when it is not to discover", () => {
      const settings = { projects: { discover: false } };
      expect(plan({ settings }).projects).toEqual([]);
    });

    it("says where a new project would show up", () => {
      expect(plan({ workspaces: ["~/code"] }).looked).toContain(dir.at("home/code"));
    });
  });

  describe("when a variable is not set", () => {
    it("skips the path and says why", () => {
      const of = plan({ targets: [{ ...TARGET, paths: ["$NOWHERE/x", "/abs"] }] });
      expect(of.skipped).toContainEqual({
        targetId: "mine",
        pattern: "$NOWHERE/x",
        why: "unset_variable",
        detail: "NOWHERE",
      });
    });
  });

  describe("when it reads as an unprivileged user", () => {
    it("follows links to any owner", () => {
      const of = plan({ targets: [TARGET] });
      expect(of.roots.every((root) => of.linkOwners(root) === null)).toBe(true);
    });
  });

  // Only root can give directories to other users.
  describe.runIf(process.getuid?.() === 0)("when it reads as root", () => {
    it("follows links from a home to root and that home's user only", () => {
      chownSync(dir.mkdir("alice"), 4001, 4001);
      chownSync(dir.mkdir("bob"), 4002, 4002);
      const of = plan(
        { targets: [{ ...TARGET, paths: ["~/.mine", "/etc/mine"] }] },
        {
          privileged: true,
          homes: [
            { user: "alice", path: dir.at("alice") },
            { user: "bob", path: dir.at("bob") },
            { user: "gone", path: dir.at("gone") },
          ],
        },
      );
      const owners = of.roots
        .filter((root) => root.targetId === "mine")
        .map((root) => [root.user, [...(of.linkOwners(root) ?? [])]]);
      expect(owners).toEqual([
        ["alice", [0, 4001]],
        ["bob", [0, 4002]],
        ["gone", [0]],
        [null, [0]],
      ]);
    });
  });
});
