/** docs/reference/settings.md: every limit and interval with its default and range. */
import { defaultOf, descriptionOf, rangeOf, typeOf } from "./describe.ts";
import { code, page, table } from "./markdown.ts";
import { policyJsonSchema, type JsonSchema } from "./schemas.ts";

/** The groups of `settings` by name, in the order of the schema. */
export function settingGroups(): readonly (readonly [string, JsonSchema])[] {
  return Object.entries(policyJsonSchema().properties?.["settings"]?.properties ?? {});
}

export function settingsPage(): string {
  return page("Settings", "packages/core/src/policy/settings.ts", [
    "All limits and intervals of the agent, as they stand under `settings` in a [policy](policy.md). A setting that is " +
      "not given has its default.",
    "```yaml\nversion: 1\nsettings:\n  sweep:\n    interval_s: 300\n```",
    ...settingGroups().map(([name, group]) => section(name, group)),
  ]);
}

function section(name: string, group: JsonSchema): string {
  const rows = Object.entries(group.properties ?? {}).map(([key, node]) => [
    code(`${name}.${key}`),
    defaultOf(node),
    rangeOf(node) || typeOf(node),
    descriptionOf(node),
  ]);
  const head = ["setting", "default", "range", "meaning"];
  return `## ${group.title ?? name}: \`${name}\`\n\n${table(head, rows)}`;
}
