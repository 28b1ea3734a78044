/**
 * packaging/etc/{sender,server}.yaml.example: valid files that set nothing, every setting commented out at its default.
 * Lines that begin with `# ` become YAML without those two characters; lines that begin with `##` explain.
 */
import { settingText, wrap } from "./example.ts";
import type { JsonSchema } from "./schemas.ts";

const WIDTH = 100;

/** @param head what stands above, without marks */
export function settingsExample(schema: JsonSchema, head: readonly string[]): string {
  const parts = Object.entries(schema.properties ?? {}).map(([name, node]) =>
    node.properties ? groupText(name, node) : settingText(name, node, ""),
  );
  return `${head.map((line) => `## ${line}\n`).join("")}\n${parts.join("\n")}`;
}

function groupText(name: string, group: JsonSchema): string {
  const about = [group.title, group.description].filter(Boolean).join(". ");
  const lines = wrap(about, WIDTH - 3).map((line) => `## ${line}\n`);
  const settings = Object.entries(group.properties ?? {}).map(([key, node]) =>
    settingText(key, node, "  "),
  );
  return `${lines.join("")}# ${name}:\n${settings.join("")}`;
}
