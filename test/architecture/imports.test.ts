import { describe, expect, it } from "vitest";
import { BACK_DOORS, GUARDED, LAYERS, ONLY_IN, type Layer } from "./layers.ts";
import { importsOf, manifestOf, packageNames, sourcesOf, type Import } from "./sources.ts";

const ofKind = (imports: readonly Import[], kind: Import["kind"]) => [
  ...new Set(imports.filter((one) => one.kind === kind).map(({ name }) => name)),
];

describe("the table of design §2", () => {
  it("has a row for every package", () => {
    expect(packageNames()).toEqual(Object.keys(LAYERS).toSorted());
  });

  it("only goes down", () => {
    const rank = (name: string): number =>
      1 + Math.max(0, ...(LAYERS[name]?.workspace ?? []).map((below) => rank(below)));
    for (const [name, { workspace }] of Object.entries(LAYERS))
      for (const below of workspace) expect(rank(below), below).toBeLessThan(rank(name));
  });
});

describe.each(Object.entries(LAYERS))("packages/%s", (name, layer) => {
  const sources = sourcesOf(name);
  const all = sources.map(({ file, text }) => ({ file, imports: importsOf(text) }));
  const imports = all.flatMap((one) => one.imports);

  it("declares what its row allows, and nothing else", () => {
    const {
      dependencies = {},
      optionalDependencies = {},
      peerDependencies = {},
    } = manifestOf(name);
    const declared = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    const workspace = layer.workspace.map((below) => `@sigil/${below}`);
    const allowed = [...workspace, ...layer.npm, ...(layer.bundled ?? [])];
    expect(declared.toSorted()).toEqual(allowed.toSorted());
  });

  it("imports what it declares, and no computed name", () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(ofKind(imports, "workspace").toSorted()).toEqual(layer.workspace.toSorted());
    expect(ofKind(imports, "npm").toSorted()).toEqual(layer.npm.toSorted());
    expect(ofKind(imports, "unknown")).toEqual([]);
  });

  it("imports only the built-ins of its row", () => {
    const refused = ofKind(imports, "builtin").filter((builtin) => !allows(layer, builtin));
    expect(refused).toEqual([]);
  });

  it("stays inside its own folder with relative imports", () => {
    const outside = all.flatMap(({ file, imports: found }) =>
      ofKind(found, "local").filter((specifier) => leaves(file, specifier)),
    );
    expect(outside).toEqual([]);
  });

  it("has no back door to a built-in or the network", () => {
    const found = sources
      .filter(({ text }) => BACK_DOORS.test(withoutStrings(text)))
      .map(({ file }) => file);
    expect(found).toEqual([]);
  });

  it.each(ONLY_IN)(
    "imports $builtin only where it is the named exception",
    ({ builtin, files }) => {
      const importing = all
        .filter((one) => ofKind(one.imports, "builtin").includes(builtin))
        .map(({ file }) => file);
      expect(importing.filter((file) => !files.test(file))).toEqual([]);
    },
  );
});

function allows(layer: Layer, builtin: string): boolean {
  return layer.node.includes(builtin) || (layer.node.includes("*") && !GUARDED.includes(builtin));
}

function leaves(file: string, specifier: string): boolean {
  const [owner] = file.split("/");
  const reached = new URL(specifier, `file:///${file}`).pathname;
  return !reached.startsWith(`/${owner}/`);
}

describe("the check itself", () => {
  it("sees every way to import", () => {
    const text = `
      import a from "pino";
      import type { B } from "@sigil/host";
      export * from "node:net";
      import "child_process";
      const c = await import("@parcel/watcher/wrapper");
      const d = require("undici");
      const e = await import(name);
      // import f from "http";
      import g, {
        h,
      } from "./near.ts";
    `;
    expect(importsOf(text)).toEqual([
      { kind: "npm", name: "pino" },
      { kind: "workspace", name: "host" },
      { kind: "builtin", name: "net" },
      { kind: "builtin", name: "child_process" },
      { kind: "npm", name: "@parcel/watcher" },
      { kind: "npm", name: "undici" },
      { kind: "local", name: "./near.ts" },
      { kind: "unknown", name: "import(name" },
    ]);
  });

  it("knows the back doors", () => {
    for (const door of ["process.binding('tcp_wrap')", "fetch(url)", "new WebSocket(url)"])
      expect(BACK_DOORS.test(door)).toBe(true);
    for (const harmless of ["prefetch(x)", "// it will fetch", "registry.fetched()"])
      expect(BACK_DOORS.test(harmless)).toBe(false);
  });
});

/** What stands in quotes opens nothing: a reader of scripts names these doors in its tables. */
function withoutStrings(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
}
