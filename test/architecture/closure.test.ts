import { readFileSync, writeFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { GUARDED } from "./layers.ts";
import { ROOT } from "./sources.ts";

interface Binary {
  readonly name: string;
  readonly entries: readonly string[];
  /** Each way to the network or to another process, and whose it is. */
  readonly guarded: readonly string[];
}

const { resolve } = createRequire(join(ROOT, "packages", "ports", "package.json"));

/** Asked for through `createRequire`, which hides them from the bundler: entries of their own too. */
const HASHES = ["@napi-rs/blake-hash", "blake3-wasm"].map((name) => resolve(name));

/** A worker is loaded by its file name, not by an import: it is an entry of its own. */
const BINARIES: readonly Binary[] = [
  {
    name: "sigil",
    entries: [
      "packages/agent/src/main.ts",
      "packages/agent/src/sweep/worker.ts",
      "packages/agent/src/risk/worker.ts",
      ...HASHES,
    ],
    guarded: [
      // Falls back to `ldd` when neither files nor the process report name the C library.
      "node child_process <- npm @napi-rs/blake-hash",
      // Runs subcommands that are programs of their own; Sigil declares none.
      "node child_process <- npm commander",
      // For @parcel/watcher; falls back to `getconf` and `ldd` as above.
      "node child_process <- npm detect-libc",
      "node child_process <- workspace @sigil/host",
      "node net <- workspace @sigil/agent",
    ],
  },
  {
    name: "sigil-sender",
    entries: ["packages/sender/src/main.ts", ...HASHES],
    guarded: [
      "node child_process <- npm @napi-rs/blake-hash",
      "node child_process <- npm commander",
      "node child_process <- workspace @sigil/host",
      // The one way to the receiver, and to a proxy on the way.
      "node dns <- npm undici",
      "node http <- npm undici",
      "node http2 <- npm undici",
      "node net <- npm undici",
      // The agent's control socket.
      "node net <- workspace @sigil/sender",
      "node tls <- npm undici",
      "node tls <- workspace @sigil/sender",
    ],
  },
  {
    name: "sigil-server",
    entries: ["packages/server/src/main.ts", ...HASHES],
    guarded: [
      "node child_process <- npm @napi-rs/blake-hash",
      "node child_process <- npm commander",
      "node child_process <- workspace @sigil/host",
      // It listens; only `https` is given to it (packages/server/src/listener.ts).
      "node dns <- npm fastify",
      "node http <- npm fastify",
      "node http <- npm light-my-request",
      "node http2 <- npm fastify",
      "node https <- npm fastify",
      "node https <- workspace @sigil/server",
      "node net <- workspace @sigil/server",
    ],
  },
  {
    name: "sigil-sign",
    entries: ["packages/signer/src/cli.ts"],
    guarded: ["node child_process <- npm commander"],
  },
];

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
    // Native code and the packages that carry it for one platform each: named by their owner, not looked into.
    external: ["*.node", "*.wasm", "@napi-rs/blake-hash-*", "@parcel/watcher-*"],
    outdir: "closure",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const reached = new Set<string>();
  for (const [path, { imports }] of Object.entries(metafile.inputs)) {
    if (path === "<runtime>") continue;
    reached.add(ownerOf(path));
    for (const one of imports) if (one.external) reached.add(externalName(one.path, ownerOf(path)));
  }
  reached.delete("");
  return [...reached].toSorted();
}

function ownerOf(path: string): string {
  const inModules = path.lastIndexOf("node_modules/");
  if (inModules < 0) return `workspace @sigil/${path.split("/")[1]}`;
  const [scope = "", name = ""] = path.slice(inModules + "node_modules/".length).split("/");
  return `npm ${scope.startsWith("@") ? `${scope}/${name}` : scope}`;
}

/**
 * A built-in that reaches network or process is listed with whoever imports it.
 * @returns nothing for native code: its owner is in the listing already, and the rest depends on the platform
 */
function externalName(path: string, owner: string): string {
  if (isBuiltin(path)) {
    const name = path.replace(/^node:/, "");
    return GUARDED.includes(name) ? `node ${name} <- ${owner}` : `node ${name}`;
  }
  const native = /\.(?:node|wasm)$|^@napi-rs\/blake-hash-|^@parcel\/watcher-/.test(path);
  return native || path === "<runtime>" ? "" : `outside the bundle: ${path}`;
}

describe.each(BINARIES)("the import closure of $name", (binary) => {
  it("is the committed listing (UPDATE=1 writes it)", async () => {
    const file = join(import.meta.dirname, `closure.${binary.name}.txt`);
    const closure = await closureOf(binary);
    if (process.env["UPDATE"] === "1") writeFileSync(file, `${closure.join("\n")}\n`);
    expect(closure).toEqual(readFileSync(file, "utf8").trimEnd().split("\n"));
  });

  it("reaches no network and no process but through the named exceptions", async () => {
    const guarded = (await closureOf(binary)).filter((line) => line.includes(" <- "));
    expect(guarded).toEqual(binary.guarded);
  });
});
