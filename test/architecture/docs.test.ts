import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { combine } from "../../packages/agent/src/policy/effective.ts";
import { parsePolicy } from "../../packages/agent/src/policy/load.ts";
import { everyCommand, PROGRAMS, quietProgram, type Program } from "../../scripts/gen/programs.ts";

const ROOT = join(import.meta.dirname, "../..");
const SKIPPED = new Set(["node_modules", "dist", ".git", ".cache", "coverage", ".vitest"]);

async function markdownFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const nested = entries.map(async (entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
  return (await Promise.all(nested)).flat();
}

interface Page {
  readonly file: string;
  readonly text: string;
  /** Without fenced blocks. */
  readonly prose: string;
}

const FENCE = /^ *(?<ticks>`{3,})(?<lang>\w*)\n(?<body>[\s\S]*?)^ *\k<ticks>$/gm;

const pages: readonly Page[] = await Promise.all(
  (await markdownFiles(ROOT)).map(async (path) => {
    const text = (await readFile(path, "utf8")).replaceAll("\r\n", "\n");
    return { file: relative(ROOT, path), text, prose: text.replace(FENCE, "") };
  }),
);

/** The anchors GitHub gives to headings. */
function anchorsOf(prose: string): Set<string> {
  const headings = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, text = ""]) => text);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

describe("links", () => {
  it("lead to a file and a heading that exist", () => {
    const broken: string[] = [];
    for (const { file, prose } of pages) {
      const links = prose.replaceAll(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g);
      for (const [, link = ""] of links) {
        if (/^[a-z][a-z+.-]*:/i.test(link)) continue;
        const [target = "", anchor] = link.split("#");
        const path = target === "" ? join(ROOT, file) : resolve(ROOT, dirname(file), target);
        const page = pages.find((one) => join(ROOT, one.file) === path);
        const found =
          anchor === undefined || page === undefined || anchorsOf(page.prose).has(anchor);
        if (!existsSync(path) || !found) broken.push(`${file}: ${link}`);
      }
    }
    expect(broken).toEqual([]);
  });
});

describe("files that are named", () => {
  const FOLDERS = /^(?:packages|docs|scripts|schema|policies|packaging|test|\.github|\.ci)\//;

  it("exist", () => {
    const missing: string[] = [];
    for (const { file, prose } of pages) {
      for (const [, text = ""] of prose.matchAll(/`([^`\n]+)`/g)) {
        // A pattern or a placeholder names no one file; `file.ts:function` names a place in one.
        if (!FOLDERS.test(text) || /[*<>{}$…\s]/.test(text)) continue;
        if (!existsSync(join(ROOT, text.replace(/:.*$/, "")))) missing.push(`${file}: ${text}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it("as npm scripts exist", async () => {
    const manifest = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const missing: string[] = [];
    for (const { file, text } of pages) {
      for (const [, name = ""] of text.matchAll(/\bnpm run ([a-z:]+)/g))
        if (!(name in manifest.scripts)) missing.push(`${file}: npm run ${name}`);
    }
    expect(missing).toEqual([]);
  });
});

describe("the assurance page", () => {
  it("quotes tests that exist in the files it names", async () => {
    const missing: string[] = [];
    const rows = pages
      .filter(({ file }) => file === join("docs", "assurance.md"))
      .flatMap(({ prose }) => prose.split("\n"));
    let source = "";
    let quoted = 0;
    for (const row of rows) {
      for (const [, file, name] of row.matchAll(/\]\(\.\.\/([^)]+\.ts)\)|"([^"]+)"/g)) {
        if (file !== undefined) source = await readFile(join(ROOT, file), "utf8");
        else quoted += 1;
        if (name !== undefined && !source.includes(name)) missing.push(name);
      }
    }
    expect(missing).toEqual([]);
    expect(quoted).toBeGreaterThan(30);
  });
});

describe("examples", () => {
  const programs = new Map(Object.keys(PROGRAMS).map((name) => [name, quietProgram(name)]));
  const programOf = (name: string): Program => {
    const found = programs.get(name);
    if (!found) throw new Error(`there is no program ${name}`);
    return found;
  };
  const guides = pages.filter(
    ({ file }) =>
      /^(?:README|CONTRIBUTING|SECURITY)\.md$/.test(file) || file.startsWith("docs/guide"),
  );
  const lines = guides.flatMap(({ file, text }) =>
    [...text.matchAll(FENCE)]
      .filter(({ groups }) => groups?.["lang"] === "sh")
      .flatMap(({ groups }) => (groups?.["body"] ?? "").replaceAll("\\\n", " ").split("\n"))
      .flatMap((line) =>
        invocations(line).map((found) => ({ at: `${file}: ${line.trim()}`, ...found })),
      ),
  );

  it("are found in the README and the guides", () => {
    expect(lines.length).toBeGreaterThan(10);
  });

  it.each(lines)("$at", ({ program, args }) => {
    expect(problemWith(programOf(program), args)).toBeNull();
  });

  it.each([
    [["nonsense"], "no command nonsense"],
    [["run", "--nonsense"], "no option --nonsense"],
    [["run", "--duration"], "--duration wants a value"],
    [["--mode", "user"], "no command"],
    [["version", "again"], "too many arguments"],
  ])("would be refused: %j", (args, problem) => {
    expect(problemWith(programOf("sigil"), args)).toBe(problem);
  });

  const policies = guides.flatMap(({ file, text }) =>
    [...text.matchAll(FENCE)]
      .map(({ groups }) => groups?.["body"] ?? "")
      .filter((body) => body.startsWith("version: 1\n"))
      .map((body, index) => ({ at: `${file}, policy ${index + 1}`, body })),
  );

  it.each(policies)("$at", ({ body }) => {
    expect(() => combine(parsePolicy(body, "example"), null)).not.toThrow();
  });

  it("hold policies", () => {
    expect(policies.length).toBeGreaterThan(0);
  });

  it("name every command somewhere", () => {
    const written = pages.filter(({ file }) => !file.startsWith(join("docs", "reference")));
    const told = new Set(
      written.flatMap(({ text }) => text.match(/\bsigil(?:-[a-z]+)?(?: [a-z]+)+/g) ?? []),
    );
    const untold: string[] = [];
    for (const program of programs.values())
      everyCommand(program, (command, name) => {
        if (command.commands.length === 0 && ![...told].some((text) => text.startsWith(name)))
          untold.push(name);
      });
    expect(untold).toEqual([]);
  });
});

/** Program and arguments of each command line of ours on a shell line, whatever stands before it and after it. */
function invocations(line: string): { program: string; args: string[] }[] {
  return line
    .replace(/(?:^|\s)#.*$/, "")
    .split(/&&|\|\||[|;]|\s&(?:\s|$)/)
    .flatMap((part) => {
      const found =
        /^\s*(?:\$ )?(?:[A-Z_]+=\S* +)*(?:sudo )?(?:npx )?(?<program>sigil(?:-[a-z]+)?)(?: (?<rest>.*))?$/.exec(
          part,
        );
      if (!found) return [];
      const words = (found.groups?.["rest"] ?? "").match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
      const redirect = words.findIndex((word) => /^\d?[<>]/.test(word));
      const program = found.groups?.["program"] ?? "";
      return [{ program, args: redirect < 0 ? words : words.slice(0, redirect) }];
    });
}

/** What the program would say against a command line, or null. Nothing is run. */
function problemWith(program: Program, args: readonly string[]): string | null {
  let command = program;
  const known = [...program.options];
  let operands = 0;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (arg.startsWith("-") && arg !== "-") {
      const [name = "", value] = arg.split("=");
      const option = known.find(({ long, short }) => long === name || short === name);
      if (!option && name !== "--help") return `no option ${name}`;
      if (option?.required !== true || value !== undefined) continue;
      index += 1;
      if (args[index] === undefined) return `${name} wants a value`;
      continue;
    }
    const child = command.commands.find((one) => one.name() === arg);
    if (child) {
      command = child;
      known.push(...child.options);
    } else if (command.commands.length > 0) return `no command ${arg}`;
    else operands += 1;
  }
  if (command.commands.length > 0) return args.includes("--help") ? null : "no command";
  const expected = command.registeredArguments;
  if (operands > expected.length && !expected.some(({ variadic }) => variadic))
    return "too many arguments";
  return operands < expected.filter(({ required }) => required).length ? "too few arguments" : null;
}
