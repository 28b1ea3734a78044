import { readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { GUARDED, LAYERS } from "./layers.ts";
import { ROOT } from "./sources.ts";

interface Binary {
  readonly name: string;
  readonly layer: string;
  readonly entries: readonly string[];
}

/** A worker is loaded by its file name, not by an import: it is an entry of its own. */
const BINARIES: readonly Binary[] = [
  {
    name: "sigil",
    layer: "agent",
    entries: ["packages/agent/src/main.ts", "packages/agent/src/sweep/worker.ts"],
  },
];

/** Loaded by `require` or carrying native code: they stay outside the bundle and are named in the listing. */
const EXTERNAL = ["@parcel/watcher", "@napi-rs/blake-hash", "better-sqlite3", "blake3-wasm"];

/** Every package and built-in that a binary reaches, through whatever its packages import. */
async function closureOf(binary: Binary): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...binary.entries],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    conditions: ["@sigil/source"],
    external: EXTERNAL,
    outdir: "closure",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const reached = new Set<string>();
  for (const [path, { imports }] of Object.entries(metafile.inputs)) {
    reached.add(ownerOf(path));
    for (const one of imports) if (one.external) reached.add(externalName(one.path));
  }
  const required = [...EXTERNAL].filter((name) => requiredBySource(name, metafile.inputs));
  for (const name of required) reached.add(`npm ${name} (outside the bundle)`);
  return [...reached].toSorted();
}

function ownerOf(path: string): string {
  const inModules = path.lastIndexOf("node_modules/");
  if (inModules < 0) return `workspace @sigil/${path.split("/")[1]}`;
  const [scope = "", name = ""] = path.slice(inModules + "node_modules/".length).split("/");
  return `npm ${scope.startsWith("@") ? `${scope}/${name}` : scope}`;
}

function externalName(path: string): string {
  return isBuiltin(path) ? `node ${path.replace(/^node:/, "")}` : `npm ${path} (outside the bundle)`;
}

/** `createRequire` hides a package from the bundler: what the source names is part of the closure all the same. */
function requiredBySource(name: string, inputs: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(inputs)
    .filter((path) => path.startsWith("packages/"))
    .some((path) => readFileSync(join(ROOT, path), "utf8").includes(`require("${name}")`));
}

describe.each(BINARIES)("the import closure of $name", (binary) => {
  it("is the committed listing (UPDATE=1 writes it)", async () => {
    const file = join(import.meta.dirname, `closure.${binary.name}.txt`);
    const closure = await closureOf(binary);
    if (process.env["UPDATE"] === "1") writeFileSync(file, `${closure.join("\n")}\n`);
    expect(closure).toEqual(readFileSync(file, "utf8").trimEnd().split("\n"));
  });

  it("reaches no network and no process but through the named exceptions", async () => {
    const allowed = [binary.layer, ...(LAYERS[binary.layer]?.workspace ?? [])].flatMap(
      (name) => LAYERS[name]?.node ?? [],
    );
    const reached = (await closureOf(binary))
      .filter((line) => line.startsWith("node "))
      .map((line) => line.slice("node ".length));
    expect(reached.length).toBeGreaterThan(5);
    expect(reached.filter((name) => GUARDED.includes(name) && !allowed.includes(name))).toEqual([]);
  });
});
