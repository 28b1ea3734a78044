/** docs/reference/policy.md: the keys of a policy file. */
import { defaultOf, descriptionOf, typeOf } from "./describe.ts";
import { code, page, table } from "./markdown.ts";
import { policyJsonSchema, type JsonSchema } from "./schemas.ts";

const MEANINGS: Readonly<Record<string, string>> = {
  overrides: "Changes to targets of the built-in policy.",
  targets: "Targets of this policy.",
  accepted: "Findings the operator accepts until a date, by path and closure hash.",
};

export function policyPage(): string {
  const schema = policyJsonSchema();
  const of = (key: string) => schema.properties?.[key];
  return page("Policy", "packages/core/src/policy/policy.ts", [
    "The keys of `policy.yaml`. What they mean together is in [the specification](../specs/policy.md); a first policy, " +
      "step by step, in [the guide](../guide/first-policy.md). An unknown key is an error that names its place.",
    `## The document\n\n${keys(schema)}`,
    `## Entries of \`targets\`\n\n${keys(of("targets")?.items)}`,
    `## Entries of \`overrides\`\n\n${keys(of("overrides")?.items)}`,
    `## \`host_id_strategy\`\n\n${strategies()}`,
    "## `settings`\n\nSee [settings.md](settings.md).",
  ]);
}

function keys(schema: JsonSchema | undefined): string {
  const required = new Set(schema?.required);
  const rows = Object.entries(schema?.properties ?? {}).map(([key, node]) => [
    code(key),
    key === "settings" ? "see [settings.md](settings.md)" : typeOf(node),
    required.has(key) ? "required" : key === "settings" ? "" : defaultOf(node),
    descriptionOf(node) || (MEANINGS[key] ?? ""),
  ]);
  return table(["key", "value", "default", "meaning"], rows);
}

function strategies(): string {
  return table(
    ["value", "`host_id` is"],
    [
      ["`machine_id` (default)", "a keyed digest of the machine id of the operating system"],
      ["`hostname`", "the host name"],
      ["`uuid`", "a random UUID, made once and kept beside the state database"],
      ["`{static: <text>}`", "the text given"],
    ],
  );
}
