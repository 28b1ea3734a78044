/**
 * packaging/etc/policy.yaml.example: a valid policy that sets nothing, with every key and setting commented out at its
 * default. Lines that begin with `# ` become YAML without those two characters; lines that begin with `##` explain.
 */
import type { JsonSchema } from "./schemas.ts";
import { grouped } from "./describe.ts";
import { settingGroups } from "./settings.ts";

const WIDTH = 100;

const HEAD = `## Sigil policy. It is laid over the built-in policy: this file needs to hold only what differs.
## Remove the "# " of a line to set it; "##" explains. The keys are described in docs/reference/policy.md.
## \`sigil policy validate FILE\` checks a policy; SIGHUP or \`sigil reload\` applies it.
version: 1

## Where host_id of every event comes from: machine_id, hostname, uuid, or {static: some-name}.
# host_id_strategy: machine_id

## Changes built-in targets, named by their ids (docs/reference/targets.md).
# overrides: []
##   - id: shadow-ai-binaries-macos
##     tier: standard
##   - id: github-project-workflows
##     disabled: true

## Watches more.
# targets: []
##   - id: team-mcp-allowlist
##     description: Example MCP allowlist file
##     tier: critical
##     paths:
##       - "~/.config/example/mcp-allowlist.json"

## Directories under which projects are found, besides those that the tools themselves remember.
# workspaces: []
##   - "~/code"
`;

export function exampleText(): string {
  const groups = settingGroups().map(([name, group]) => groupText(name, group));
  return `${HEAD}
## Limits and intervals, each at its default.
# settings:
${groups.join("##\n")}`;
}

function groupText(name: string, group: JsonSchema): string {
  const settings = Object.entries(group.properties ?? {}).map(([key, node]) =>
    settingText(key, node, "    "),
  );
  return `## ${group.title ?? name}\n#   ${name}:\n${settings.join("")}`;
}

/** One setting, commented out at its default; one without a default shows its example. */
export function settingText(key: string, node: JsonSchema, indent: string): string {
  const words = `${node.description ?? ""} ${values(node)}`.trim();
  const lines = wrap(words, WIDTH - 3 - indent.length).map((line) => `## ${indent}${line}\n`);
  if (node.default !== undefined)
    return `${lines.join("")}# ${indent}${key}: ${JSON.stringify(node.default)}\n`;
  const sample = JSON.stringify(node.examples?.[0] ?? "");
  return `${lines.join("")}## ${indent}Not set unless you do: ${key}: ${sample}\n`;
}

function values(node: JsonSchema): string {
  if (node.enum) return `One of: ${node.enum.join(", ")}.`;
  if (node.minimum === undefined || node.maximum === undefined) return "";
  return `(${grouped(node.minimum)} to ${grouped(node.maximum)})`;
}

/** Breaks words into lines. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + word.length < width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
