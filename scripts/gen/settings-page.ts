/** docs/reference/{sender,server}-settings.md: the keys of one program's configuration file. */
import { defaultOf, descriptionOf, rangeOf, typeOf } from "./describe.ts";
import { code, page, table } from "./markdown.ts";
import type { JsonSchema } from "./schemas.ts";

export type SettingsFile = {
  readonly title: string;
  readonly source: string;
  readonly intro: string;
  readonly schema: JsonSchema;
};

export function settingsFilePage({ title, source, intro, schema }: SettingsFile): string {
  const all = Object.entries(schema.properties ?? {});
  const single = all.filter(([, node]) => !node.properties).map(([key, node]) => row(key, node));
  const groups = all.filter(([, node]) => node.properties);
  return page(title, source, [
    intro,
    ...(single.length > 0 ? [`## At the top\n\n${rows(single)}`] : []),
    ...groups.map(
      ([name, group]) =>
        `## ${group.title ?? name}: \`${name}\`\n\n${rows(
          Object.entries(group.properties ?? {}).map(([key, node]) => row(`${name}.${key}`, node)),
        )}`,
    ),
  ]);
}

function rows(cells: readonly (readonly string[])[]): string {
  return table(["setting", "default", "range", "meaning"], cells);
}

function row(name: string, node: JsonSchema): string[] {
  return [code(name), defaultOf(node), rangeOf(node) || typeOf(node), descriptionOf(node)];
}
