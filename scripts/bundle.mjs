// Joins what `tsc -b` wrote into few files that start quickly: packages/agent/dist/bundle (ADR 16). Run by build() in
// setup.mjs, under the pinned Node, and again whenever packages/*/dist changed.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { build, transform } from "esbuild";
import { ROOT } from "./setup.mjs";

const AGENT = join(ROOT, "packages", "agent");
const DIST = join(AGENT, "dist");
const BUNDLE = join(DIST, "bundle");
const CACHE = join(DIST, "cache");
const require = createRequire(join(AGENT, "package.json"));
const riskRequire = createRequire(join(ROOT, "packages", "risk", "package.json"));

/** Native code and WebAssembly, found by their packages at run time. */
const EXTERNAL = [
  "better-sqlite3",
  "@parcel/watcher",
  "@napi-rs/blake-hash",
  "blake3-wasm",
  "web-tree-sitter",
  "tree-sitter-bash",
];

/** Built-ins that cost milliseconds to load, of which most commands use none. */
const HEAVY =
  /^(?:node:)?(?:crypto|child_process|worker_threads|net|fs\/promises|timers\/promises|os|v8|stream|util|perf_hooks)$/;
/** Libraries that a command may do without: files of their own, loaded when something of them is used. */
const VENDORED = { yaml: "yaml", "smol-toml": "toml", "@eslint-community/regexpp": "regexpp" };

/** The readers of script languages: most hooks are shell. */
const SCRIPTS = join(ROOT, "packages", "risk", "dist", "script", "index.js");

/**
 * What checks contents that come from outside: built of a schema library, which takes 10 MB, and needed by no agent that
 * has neither a policy file nor signed policy. Each is a part beside the program, loaded when something of it is used.
 */
const LATE = { "@sigil/core": "schemas", "@sigil/signer/verify": "verify", zod: "zod" };

/** A module whose exports load it when they are read. `load` is the text of an expression. */
function whenUsed(load, names) {
  const contents = `for (const name of ${JSON.stringify(names)})
    Object.defineProperty(exports, name, { enumerable: true, get: () => ${load}[name] });`;
  return { contents, loader: "js" };
}

const lazily = {
  name: "lazily",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: HEAVY }, ({ path }) => ({
      path: `node:${path.replace(/^node:/, "")}`,
      namespace: "external",
    }));
    onResolve({ filter: /^web-tree-sitter$/ }, ({ path }) => ({ path, namespace: "external" }));
    onLoad({ filter: /.*/, namespace: "external" }, ({ path }) =>
      whenUsed(`__builtin(${JSON.stringify(path)})`, Object.keys(require(path))),
    );
    onResolve({ filter: /^\.\/script\/index\.js$/ }, ({ path, resolveDir }) =>
      join(resolveDir, path) === SCRIPTS ? { path: "scripts", namespace: "scripts" } : null,
    );
    onLoad({ filter: /.*/, namespace: "scripts" }, () =>
      whenUsed('__builtin(__root + "scripts.js")', ["readScript"]),
    );
    for (const [name, part] of Object.entries(LATE)) {
      onResolve({ filter: new RegExp(`^${name}$`) }, ({ path, kind, importer }) =>
        kind !== "entry-point" && importer.startsWith(DIST) ? { path, namespace: "late" } : null,
      );
      onLoad({ filter: new RegExp(`^${name}$`), namespace: "late" }, ({ path }) =>
        whenUsed(`__builtin(__root + "${part}.js")`, Object.keys(require(path))),
      );
    }
    for (const [name, file] of Object.entries(VENDORED)) {
      onResolve({ filter: new RegExp(`^${name}$`) }, ({ path, kind }) =>
        kind === "entry-point" ? null : { path, namespace: "vendored" },
      );
      onLoad({ filter: new RegExp(`^${name}$`), namespace: "vendored" }, ({ path }) =>
        whenUsed(`__builtin(__root + "vendor/${file}.js")`, Object.keys(riskRequire(path))),
      );
    }
  },
};

/** These share most of their code; loaded together they are few files instead of many small ones. So are the others. */
const ASSESSING = /\/(?:scan|explain)\.js$/;
/** Lives for months: it loads nothing that only others use. */
const ALONE = /\/run\.js$/;
const DEFINITIONS = join(DIST, "commands", "define");
const grouped = {
  name: "grouped",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.\// }, ({ path, kind, importer }) =>
      kind === "dynamic-import" && dirname(importer) === DEFINITIONS && !ALONE.test(path)
        ? { path: ASSESSING.test(path) ? "assessing" : "others", namespace: "group" }
        : null,
    );
    onLoad({ filter: /.*/, namespace: "group" }, ({ path }) => ({
      contents: commands()
        .filter((file) => ASSESSING.test(file) === (path === "assessing"))
        .map((file) => `export * from ${JSON.stringify(file)};`)
        .join("\n"),
      resolveDir: DEFINITIONS,
    }));
  },
};

/** What the definitions of the command line import when a command runs. */
function commands() {
  const text = readdirSync(DEFINITIONS)
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(join(DEFINITIONS, name), "utf8"))
    .join("\n");
  const found = text.matchAll(/await import\("(\.\.\/[\w/-]+\.js)"\)/g);
  const files = new Set([...found].map(([, file]) => file));
  return [...files].filter((file) => !ALONE.test(file)).toSorted();
}

const OPTIONS = {
  platform: "node",
  target: "node26",
  // Else each `\\p{…}` becomes a call of RegExp wherever it is evaluated.
  supported: { "regexp-unicode-property-escapes": true },
  minify: true,
  legalComments: "none",
  logLevel: "warning",
};

function lateParts() {
  return Object.fromEntries(Object.entries(LATE).map(([name, part]) => [part, name]));
}

/** The commands, split by what is loaded together, as only ES modules can be split; each thread and library whole. */
async function parts() {
  const common = {
    ...OPTIONS,
    bundle: true,
    write: false,
    format: "esm",
    mainFields: ["module", "main"],
    external: EXTERNAL,
    outdir: BUNDLE,
    plugins: [lazily, grouped],
  };
  const threads = [
    ["sweep/worker", join(DIST, "sweep", "worker.js")],
    ["risk/worker", join(DIST, "risk", "worker.js")],
  ];
  const built = await Promise.all([
    build({
      ...common,
      // Of one run: an error that a late part throws is of the class that the program knows.
      entryPoints: { sigil: join(DIST, "bin.js"), scripts: SCRIPTS, ...lateParts() },
      absWorkingDir: AGENT,
      splitting: true,
    }),
    ...threads.map(([name, path]) => build({ ...common, entryPoints: { [name]: path } })),
    // `require` gives their CommonJS faces: joined as ES modules, their names would hide in one default export.
    ...Object.entries(VENDORED).map(([name, file]) =>
      build({
        ...common,
        format: "cjs",
        plugins: [],
        entryPoints: { [`vendor/${file}`]: riskRequire.resolve(name) },
      }),
    ),
  ]);
  return built.flatMap(({ outputFiles }) => outputFiles);
}

/** Makes CommonJS of a part: its built-ins load without their ES module faces, and it is read and linked at once. */
async function write({ path, text }) {
  const { code } = await transform(text, {
    ...OPTIONS,
    format: "cjs",
    define: { "import.meta.url": "__url" },
    supported: { ...OPTIONS.supported, "dynamic-import": false },
  });
  const root = relative(dirname(path), BUNDLE) === "" ? "./" : "../";
  // Every part speaks for a module in a folder of its own, as those of `dist` are: `../sweep/worker.js` is in the bundle.
  const names = {
    __builtin: "require",
    __root: JSON.stringify(root),
    __url: `require("node:url").pathToFileURL(__dirname + "/${root}parts/part.js").href`,
  };
  const used = Object.entries(names).filter(([name]) => code.includes(name));
  const head = used.map(([name, value]) => `const ${name} = ${value};`).join("");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `"use strict";${head}${code}`);
}

/** Guard files such as many have: what reading them compiles is what is kept. */
const SAMPLE = {
  ".claude/settings.json": JSON.stringify({
    permissions: {
      allow: ["Bash(git status)", "Bash(npm run:*)", "WebFetch"],
      deny: ["Read(./.env)"],
    },
    env: { EDITOR: "vi" },
    sandbox: { enabled: true },
    hooks: {
      PreToolUse: [
        { matcher: "Bash", hooks: [{ type: "command", command: "bash ~/.claude/check.sh" }] },
      ],
      Stop: [{ hooks: [{ type: "command", command: "node ~/.claude/done.js --quiet" }] }],
    },
  }),
  ".claude/check.sh": `#!/bin/bash
input=$(jq -r .tool_input.command)
if grep -qE 'rm -rf|curl .*| *sh' <<<"$input"; then
  echo "blocked" >&2
  exit 2
fi
for file in "$HOME"/.claude/*.md; do [ -f "$file" ] || continue; done
`,
  ".claude/CLAUDE.md":
    "# Rules\n\nRun the tests before you commit. Never run `rm -rf`.\n\n```bash\nnpm test\n```\n",
  ".claude/commands/show.md":
    "---\ndescription: Shows\nallowed-tools: Bash(git diff:*)\n---\nShow !`git diff --stat`.\n",
  ".claude/agents/review.md": "---\nname: review\ntools: Read, Grep\n---\nReview the change.\n",
  ".claude/skills/help/SKILL.md": "---\nname: help\ndescription: Helps\n---\nSteps.\n",
  ".claude.json": JSON.stringify({
    mcpServers: { docs: { command: "npx", args: ["-y", "docs@1.2.3"] } },
  }),
  ".codex/config.toml": 'approval_policy = "on-request"\nsandbox_mode = "workspace-write"\n',
  ".gemini/settings.json": JSON.stringify({ tools: { sandbox: true } }),
  ".cursor/mcp.json": JSON.stringify({ mcpServers: { web: { url: "https://example.com/mcp" } } }),
};

/** What makes a scan load the grammar. */
const PIPED = {
  ".claude/settings.json": JSON.stringify({
    hooks: { Stop: [{ hooks: [{ type: "command", command: "date | tee -a ~/.claude/log" }] }] },
  }),
};

/** A home with some files. @returns its path */
function homeWith(files) {
  const home = mkdtempSync(join(tmpdir(), "sigil-warm-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  return home;
}

/**
 * Compiled code, which V8 reads instead of compiling (ADR 16). It stands where the code stands, so whoever could change
 * it could change that. V8 takes what was kept under the flags it runs with, and loading the grammar sets some: the
 * first run must not need it, the second loads nothing new but that.
 */
function warm() {
  const runs = [
    [SAMPLE, ["scan"]],
    [PIPED, ["scan", "--format", "json"]],
    [{}, ["version"]],
    [{}, ["--mode", "user", "run", "--duration", "0.1", "--print", "text"]],
  ];
  for (const [files, args] of runs) {
    const home = homeWith(files);
    const env = { PATH: process.env.PATH ?? "", HOME: home, SIGIL_PROC: join(home, "none") };
    const sigil = [join(AGENT, "bin", "sigil.js"), ...args];
    const { status, stderr } = spawnSync(process.execPath, sigil, {
      cwd: home,
      env,
      encoding: "utf8",
    });
    rmSync(home, { recursive: true, force: true });
    if (status !== 0) throw new Error(`the bundle does not run ${args.join(" ")}: ${stderr}`);
  }
  // Written for their owner alone; like the code beside them they are for everyone to read.
  for (const entry of readdirSync(CACHE, { recursive: true, withFileTypes: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isFile() ? 0o644 : 0o755);
}

/** Written last. */
const STAMP = join(CACHE, "complete");

/** Nothing that went in is newer than what came out. */
function isFresh() {
  const made = statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const packages = readdirSync(join(ROOT, "packages")).map((name) =>
    join(ROOT, "packages", name, "dist"),
  );
  const inputs = packages
    .flatMap((dist) => readdirSync(dist, { recursive: true }).map((name) => join(dist, name)))
    .filter((file) => file.endsWith(".js") && !file.startsWith(BUNDLE));
  return [import.meta.filename, ...inputs].every((file) => statSync(file).mtimeMs < made);
}

if (!isFresh()) {
  for (const folder of [BUNDLE, CACHE]) rmSync(folder, { recursive: true, force: true });
  for (const file of await parts()) await write(file);
  writeFileSync(join(BUNDLE, "package.json"), '{ "type": "commonjs" }\n');
  warm();
  writeFileSync(STAMP, "");
}
