/** The table of design §2 as data: what a package may import, and nothing else. */
export interface Layer {
  /** Workspace packages, by the name after `@sigil/`; `core/plain` counts as core. */
  readonly workspace: readonly string[];
  /** Packages from the registry that its code imports. */
  readonly npm: readonly string[];
  /** Packages that only the bundle loads, for a workspace package joined into it: they are found from there (ADR 16). */
  readonly bundled?: readonly string[];
  /** Node built-ins that matter for the promise; see `GUARDED`. `*`: any other built-in too. */
  readonly node: readonly string[];
}

/** Built-ins that reach the network or another process: allowed only where a row names them. */
export const GUARDED = [
  "child_process",
  "cluster",
  "dgram",
  "dns",
  "dns/promises",
  "http",
  "http2",
  "https",
  "inspector",
  "inspector/promises",
  "net",
  "quic",
  "repl",
  "tls",
  "vm",
];

export const LAYERS: Readonly<Record<string, Layer>> = {
  core: { workspace: [], npm: ["zod"], node: [] },
  risk: {
    workspace: ["core"],
    npm: [
      "@eslint-community/regexpp",
      "jsonc-parser",
      "smol-toml",
      "web-tree-sitter",
      "yaml",
      "zod",
    ],
    node: [],
  },
  baseline: { workspace: ["core"], npm: [], node: [] },
  spool: { workspace: ["core"], npm: ["ulid"], node: ["*"] },
  host: { workspace: ["core"], npm: [], node: ["*", "child_process"] },
  cli: { workspace: ["core"], npm: ["commander", "pino", "yaml", "zod"], node: ["*"] },
  ports: {
    workspace: ["core", "spool"],
    npm: ["@napi-rs/blake-hash", "better-sqlite3", "blake3-wasm"],
    node: ["*"],
  },
  signer: {
    workspace: ["core", "cli"],
    npm: ["commander", "tweetnacl", "yaml", "zod"],
    node: ["*"],
  },
  sender: {
    workspace: ["core", "cli", "ports", "spool", "host"],
    npm: ["@peculiar/x509", "commander", "reflect-metadata", "ulid", "undici", "zod"],
    node: ["*", "net", "tls"],
  },
  server: {
    workspace: ["core", "cli", "ports", "signer", "host"],
    npm: ["@peculiar/x509", "better-sqlite3", "commander", "fastify", "reflect-metadata", "zod"],
    node: ["*", "https", "net", "tls"],
  },
  agent: {
    workspace: ["core", "risk", "baseline", "spool", "host", "cli", "ports", "signer"],
    bundled: ["@napi-rs/blake-hash", "blake3-wasm"],
    npm: [
      "@parcel/watcher",
      "better-sqlite3",
      "commander",
      "jsonc-parser",
      "smol-toml",
      "tree-sitter-bash",
      "web-tree-sitter",
      "yaml",
      "zod",
    ],
    node: ["*", "net"],
  },
};

/** Built-ins that only some files of a package may import: the one named exception of each promise. */
export const ONLY_IN: readonly { readonly builtin: string; readonly files: RegExp }[] = [
  {
    builtin: "net",
    // The control socket, on both ends; `isIP`; types of what a listener hands out.
    files:
      /^agent\/src\/control\/|^sender\/src\/(?:control|sink\/dial)\.ts|^server\/src\/(?:listener|listening|ca\/(?:certificate|server))\.ts/,
  },
  { builtin: "tls", files: /^sender\/src\/sink\/|^server\/src\/(?:identify|connections)\.ts/ },
  { builtin: "https", files: /^server\/src\/(?:listener|connections|listening|daemon)\.ts/ },
  { builtin: "child_process", files: /^host\/src\/command\.ts$/ },
];

/** Ways to a built-in that no import statement shows. */
export const BACK_DOORS =
  /\bprocess\s*\.\s*(?:getBuiltinModule|binding|_linkedBinding|dlopen)\b|\b(?:fetch|WebSocket|EventSource)\s*\(|\bnew\s+(?:WebSocket|EventSource)\b|\beval\s*\(|\bnew\s+Function\b/;
