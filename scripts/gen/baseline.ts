/** Embeds policies/baseline/*.yaml into @sigil/baseline, so that the agent starts without YAML and without validation. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { policySchema, type Target } from "@sigil/core";
import { parseDocument } from "yaml";
import { z } from "zod";

/** In the order of the targets: what holds everywhere first, so that a platform's target wins over it. */
export const BASELINE_SOURCES = ["common", "linux", "macos", "windows"].map(
  (name) => `policies/baseline/${name}.yaml`,
);
export const BASELINE_OUTPUT = "packages/baseline/src/generated/policies.ts";

const HEADER = `// Generated from policies/baseline/*.yaml by "pnpm gen"; do not edit.
import type { BaselineTarget } from "../fill.ts";
`;

/**
 * The generated files by path relative to `root`, the repository's root. The same sources give the same bytes.
 * @throws Error naming the file, when a source is no valid policy or sets anything but targets.
 */
export async function generateBaseline(root: string): Promise<Map<string, string>> {
  const sources = await Promise.all(
    BASELINE_SOURCES.map(async (file) => ({ file, text: await readSource(join(root, file)) })),
  );
  const targets = sources.flatMap(({ file, text }) => targetsOf(file, text));
  return new Map([[BASELINE_OUTPUT, render(targets, revisionOf(sources))]]);
}

/** A checkout with CRLF must generate what one with LF does. */
async function readSource(path: string): Promise<string> {
  return (await readFile(path, "utf8")).replaceAll("\r\n", "\n");
}

function targetsOf(file: string, text: string): readonly Target[] {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = [...document.errors, ...document.warnings];
  if (error) throw new Error(`${file}: ${error.message}`);
  const source: unknown = document.toJS();
  const result = policySchema.safeParse(source);
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`);
  const extra = Object.keys(source as object).filter(
    (key) => !["version", "targets"].includes(key),
  );
  if (extra.length > 0)
    throw new Error(`${file}: a baseline has targets only, not ${extra.join(", ")}`);
  return result.data.targets;
}

/** First 12 hex digits of SHA-256 over name and text of each source, NUL-separated. */
function revisionOf(sources: readonly { readonly file: string; readonly text: string }[]): string {
  const hash = createHash("sha256");
  for (const { file, text } of sources) hash.update(`${file}\0${text}\0`);
  return hash.digest("hex").slice(0, 12);
}

function render(targets: readonly Target[], revision: string): string {
  const rows = targets.map((target) => `  ${JSON.stringify(compact(target))},\n`).join("");
  return `${HEADER}
export const BASELINE_REVISION = "${revision}";

export const BASELINE_TARGETS: readonly BaselineTarget[] = [
${rows}];
`;
}

/** Leaves out what `fillTarget` puts back. */
function compact(target: Target): Partial<Target> {
  const defaults = defaultTarget();
  return Object.fromEntries(
    Object.entries(target).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key as keyof Target]),
    ),
  );
}

function defaultTarget(): Partial<Target> {
  const bare = { id: "x", tier: "critical", paths: ["/x"] };
  const [parsed] = policySchema.parse({ version: 1, targets: [bare] }).targets;
  return Object.fromEntries(Object.entries(parsed ?? {}).filter(([key]) => !(key in bare)));
}
