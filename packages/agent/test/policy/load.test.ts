import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SigilError } from "@sigil/core";
import { tempDir, type TempDir } from "@sigil/testkit";
import { loadPolicyFile, parsePolicy } from "../../src/policy/load.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

/** Code and message of what is thrown. */
function failure(act: () => unknown): { code: string; message: string; hint: string | undefined } {
  try {
    act();
  } catch (error) {
    if (!(error instanceof SigilError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
  throw new Error("it did not fail");
}

const parse = (text: string) => failure(() => parsePolicy(text, "p.yaml"));

const GOOD = `version: 1
targets:
  - id: one
    tier: critical
    paths: ["~/.one"]
`;

describe("loadPolicyFile", () => {
  describe("when there is a file", () => {
    it("gives the document, and as it was written", () => {
      const loaded = loadPolicyFile(dir.write("p.yaml", GOOD));
      expect(loaded?.document.targets[0]).toMatchObject({ id: "one", recursive: false });
      expect(loaded?.given).toEqual({
        version: 1,
        targets: [{ id: "one", tier: "critical", paths: ["~/.one"] }],
      });
      expect(loaded?.text).toBe(GOOD);
    });

    it("takes the design's example unchanged", () => {
      const example = fileURLToPath(
        new URL("../../../../policies/examples/policy.example.yaml", import.meta.url),
      );
      expect(loadPolicyFile(example)?.document.version).toBe(1);
    });
  });

  describe("when there is none", () => {
    it("gives null", () => {
      expect(loadPolicyFile(dir.at("p.yaml"))).toBeNull();
    });
  });

  describe("when it cannot be read as a file", () => {
    it("says so of a directory and a FIFO, without waiting", () => {
      execFileSync("mkfifo", [dir.at("pipe")]);
      for (const path of [dir.path, dir.at("pipe")]) {
        expect(failure(() => loadPolicyFile(path))).toMatchObject({
          code: "SIGIL_POLICY_UNREADABLE",
          message: `${path} is not a regular file`,
        });
      }
    });

    it("does not follow a link, and says that this is why", () => {
      fs.symlinkSync(dir.write("real.yaml", GOOD), dir.at("p.yaml"));
      expect(failure(() => loadPolicyFile(dir.at("p.yaml")))).toMatchObject({
        code: "SIGIL_POLICY_UNREADABLE",
        hint: "the policy file must not be a symbolic link",
      });
    });

    // Only root can become a user who may not read the file.
    it.runIf(process.getuid?.() === 0)("names the errno when this user may not", () => {
      fs.chmodSync(dir.path, 0o755);
      fs.chmodSync(dir.write("p.yaml", GOOD), 0o600);
      const load = fileURLToPath(new URL("../../src/policy/load.ts", import.meta.url));
      const code = `const { loadPolicyFile } = await import(${JSON.stringify(load)});
        try { loadPolicyFile(process.argv[1]); } catch (error) { console.log(error.code, error.message); }`;
      const done = spawnSync(
        process.execPath,
        ["--conditions=@sigil/source", "--input-type=module", "-e", code, dir.at("p.yaml")],
        { uid: 65_534, gid: 65_534, encoding: "utf8", env: { PATH: process.env["PATH"] } },
      );
      expect(done.stdout).toBe(`SIGIL_POLICY_UNREADABLE cannot read ${dir.at("p.yaml")}: EACCES\n`);
    });
  });

  describe("when it is huge", () => {
    it("reads nothing of it", () => {
      const path = dir.write("p.yaml", GOOD);
      fs.truncateSync(path, 2 ** 40);
      expect(failure(() => loadPolicyFile(path))).toMatchObject({
        code: "SIGIL_POLICY_TOO_LARGE",
        message: `${path} has ${2 ** 40} bytes; at most ${4 * 1024 * 1024} are read`,
      });
    });
  });
});

describe("parsePolicy", () => {
  describe("when it is not YAML", () => {
    it.each([
      ["an open bracket", "version: 1\ntargets: [\n", "p.yaml:3:1: "],
      ["a tab for indentation", "version: 1\ntargets:\n\t- id: x\n", "p.yaml:3:1: "],
      [
        "a key given twice",
        "version: 1\nsettings:\n  watch: {}\n  watch: {}\n",
        "p.yaml:4:3: Map keys must be unique",
      ],
      ["a second document", "version: 1\n---\nversion: 1\n", "p.yaml:2:1: "],
      ["an alias of nothing", "version: 1\nworkspaces:\n  - *nowhere\n", "p.yaml:3:5: "],
    ])("names the place: %s", (_title, text, start) => {
      const { code, message } = parse(text);
      expect(code).toBe("SIGIL_POLICY_SYNTAX");
      expect(message.slice(0, start.length)).toBe(start);
    });
  });

  describe("when it has a key that does not exist", () => {
    it.each([
      ["at the top", "version: 1\ntragets: []\n", 'p.yaml:2:1: unknown key "tragets"'],
      [
        "in a target",
        `${GOOD}    recursiv: true\n`,
        'p.yaml:6:5: unknown key "targets[0].recursiv"',
      ],
      [
        "in the settings",
        "version: 1\nsettings:\n  hash: {max_bytes: 2048, min: 1}\n",
        'p.yaml:3:27: unknown key "settings.hash.min"',
      ],
      [
        "that would be a prototype",
        "version: 1\n__proto__: {targets: []}\n",
        'p.yaml:2:1: unknown key "__proto__"',
      ],
    ])("names it and its place: %s", (_title, text, message) => {
      expect(parse(text)).toMatchObject({ code: "SIGIL_POLICY_UNKNOWN_KEY", message });
    });

    it("says how many more problems there are", () => {
      expect(parse("version: 2\nfoo: 1\n").message).toMatch(/ \(and 1 more\)$/);
    });
  });

  describe("when a value is wrong", () => {
    it.each([
      ["of another version", "version: 2\n", "p.yaml:1:1: version: "],
      ["no version", "targets: []\n", "p.yaml:1:1: version: "],
      ["no mapping", "- 1\n", "p.yaml:1:1: policy: "],
      ["nothing at all", "", "p.yaml:1:1: policy: "],
      ["a tier that is none", GOOD.replace("critical", "high"), "p.yaml:4:5: targets[0].tier: "],
      [
        "a missing field",
        "version: 1\ntargets:\n  - id: x\n    paths: [/a]\n",
        "p.yaml:3:5: targets[0].tier: ",
      ],
      [
        "an item of a list",
        "version: 1\nworkspaces:\n  - /a\n  - 7\n",
        "p.yaml:4:5: workspaces[1]: ",
      ],
      [
        "a number out of range",
        "version: 1\nsettings:\n  sweep:\n    interval_s: 1\n",
        "p.yaml:4:5: settings.sweep.interval_s: ",
      ],
      [
        "a glob that is not understood",
        GOOD.replace("~/.one", "/a/!(b)"),
        "p.yaml:5:13: targets[0].paths[0]: ",
      ],
      ["one of a union", "version: 1\nhost_id_strategy: {static: 'a b'}\n", "p.yaml:2:"],
    ])("names the place and the key: %s", (_title, text, start) => {
      const { code, message } = parse(text);
      expect(code).toBe("SIGIL_POLICY_INVALID");
      expect(message.slice(0, start.length)).toBe(start);
    });
  });

  describe("when the file begins with a byte order mark", () => {
    it("is read, and places are counted without it", () => {
      expect(parsePolicy(`\uFEFF${GOOD}`, "p.yaml").document.targets).toHaveLength(1);
      expect(parse("\uFEFFfoo: 1\nversion: 1\n").message).toBe('p.yaml:1:1: unknown key "foo"');
    });
  });

  describe("when lines end as on Windows", () => {
    it("counts them the same", () => {
      const { message } = parse(`${GOOD}    recursiv: true\n`.replaceAll("\n", "\r\n"));
      expect(message).toBe('p.yaml:6:5: unknown key "targets[0].recursiv"');
    });
  });

  describe("when a few lines of aliases stand for gigabytes", () => {
    it("stops counting early, and names a place", () => {
      const levels = Array.from({ length: 12 }, (_, level) => {
        const of = level === 0 ? "lol" : `*a${level - 1}`;
        return `  a${level}: &a${level} [${Array.from({ length: 10 }, () => of).join(",")}]`;
      });
      const { code, message } = parse(`version: 1\nbomb:\n${levels.join("\n")}\n`);
      expect(code).toBe("SIGIL_POLICY_SYNTAX");
      expect(message).toMatch(/^p\.yaml:4:12: .*alias/i);
    });
  });

  describe("when it is nested without end", () => {
    it.each([
      ["lists", "[".repeat(100_000)],
      ["maps", "{a: ".repeat(100_000)],
      ["lists that are closed again", `${"[".repeat(20_000)}${"]".repeat(20_000)}`],
      ["lines", Array.from({ length: 3000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
    ])("fails as a policy, not as a program: %s", (_title, text) => {
      expect(parse(text).code).toMatch(/^SIGIL_POLICY_/);
    });
  });

  describe("when an alias is used as it should be", () => {
    it("stands for what it names", () => {
      const text = `version: 1\nworkspaces: &all [~/code]\nknown_hosts: *all\n`;
      expect(parsePolicy(text, "p.yaml").document.known_hosts).toEqual(["~/code"]);
    });
  });

  describe("when a later check asks for a place", () => {
    it("finds the key, or the nearest thing above it", () => {
      const { locate } = parsePolicy(GOOD, "p.yaml");
      expect(locate(["targets", 0, "id"])).toBe("p.yaml:3:5");
      expect(locate(["targets", 0, "disabled"])).toBe("p.yaml:3:5");
      expect(locate(["targets", 7])).toBe("p.yaml:2:1");
      expect(locate([])).toBe("p.yaml:1:1");
    });
  });
});
