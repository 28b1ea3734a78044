/** Every generated file but the embedded baseline, by path relative to the repository's root. The same sources give the same bytes. */
import { RUBRIC } from "@sigil/baseline";
import { cliPage, programPage } from "./cli.ts";
import { conditionsPage } from "./conditions.ts";
import { errorsPage } from "./errors.ts";
import { eventsPage } from "./events.ts";
import { settingsExample } from "./example-settings.ts";
import { exampleText } from "./example.ts";
import { policyPage } from "./policy.ts";
import { rubricPage } from "./rubric.ts";
import { generateSchemas, senderJsonSchema, serverJsonSchema } from "./schemas.ts";
import { settingsFilePage } from "./settings-page.ts";
import { settingsPage } from "./settings.ts";
import { targetsPage } from "./targets.ts";

/** Holds generated files only: what is there and not generated is stale. */
export const REFERENCE = "docs/reference";
export const EXAMPLE = "packaging/etc/policy.yaml.example";

export function generateReference(root: string): Map<string, string> {
  return new Map([
    ...generateSchemas(),
    [`${REFERENCE}/cli.md`, cliPage()],
    ...["sigil-sender", "sigil-server", "sigil-sign"].map((name): [string, string] => [
      `${REFERENCE}/cli-${name.slice("sigil-".length)}.md`,
      programPage(name),
    ]),
    [`${REFERENCE}/conditions.md`, conditionsPage()],
    [`${REFERENCE}/errors.md`, errorsPage()],
    [`${REFERENCE}/events.md`, eventsPage(root)],
    [`${REFERENCE}/policy.md`, policyPage()],
    [`${REFERENCE}/rubric.md`, rubricPage(RUBRIC)],
    [`${REFERENCE}/settings.md`, settingsPage()],
    [`${REFERENCE}/targets.md`, targetsPage()],
    [EXAMPLE, exampleText()],
    ...configFiles(),
  ]);
}

/** Reference page and example of each program's own configuration file. */
function configFiles(): [string, string][] {
  const files = [
    { name: "sender", schema: senderJsonSchema(), check: "`sigil-sender doctor` checks it" },
    { name: "server", schema: serverJsonSchema(), check: "`sigil-server doctor` checks it" },
  ];
  return files.flatMap(({ name, schema, check }): [string, string][] => {
    const title = `${name === "sender" ? "Sender" : "Server"} settings`;
    const source = `packages/${name}/src/settings.ts`;
    const intro = `The keys of \`${name}.yaml\`; ${check}. What is not given has its default. An unknown key is an error.`;
    const head = [
      `Settings of sigil-${name}. Remove the "# " of a line (and of its group) to set it; "##" explains.`,
      `${check}; the keys are described in docs/reference/${name}-settings.md.`,
    ];
    return [
      [`${REFERENCE}/${name}-settings.md`, settingsFilePage({ title, source, intro, schema })],
      [`packaging/etc/${name}.yaml.example`, settingsExample(schema, head)],
    ];
  });
}
