/** docs/reference/targets.md: what is watched without being told. */
import { BASELINE } from "@sigil/baseline";
import type { Target, TargetPlatform } from "@sigil/core";
import { cell, code, page, table } from "./markdown.ts";

const SECTIONS: readonly (readonly [TargetPlatform, string])[] = [
  ["any", "Every platform"],
  ["linux", "Linux"],
  ["macos", "macOS"],
  ["windows", "Windows"],
];

export function targetsPage(): string {
  const count = BASELINE.targets.length;
  return page("Built-in targets", "policies/baseline/*.yaml", [
    `The built-in policy has ${count} targets. A path that several of them mean has the highest of their tiers and the id ` +
      "of the last. `$SIGIL_PROJECT` stands for each known project, other tokens as in [policy.md](policy.md). " +
      "Files are hashed; their contents are stored nowhere.",
    ...SECTIONS.map(([platform, title]) => section(platform, title)),
  ]);
}

function section(platform: TargetPlatform, title: string): string {
  const targets = BASELINE.targets.filter((target) => target.platform === platform);
  const rows = targets.map((target) => [
    code(target.id),
    target.tier,
    cell(target.description),
    places(target),
  ]);
  return `## ${title}\n\n${table(["target", "tier", "what", "paths"], rows)}`;
}

function places(target: Target): string {
  const below = target.recursive ? " and all below" : "";
  const paths = target.paths.map((path) => `${code(path)}${below}`);
  const without = target.exclude.length > 0 ? [`except ${target.exclude.map(code).join(" ")}`] : [];
  return [...paths, ...without].join("<br>");
}
