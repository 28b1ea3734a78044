import type { Env } from "@sigil/host";
import { printable } from "@sigil/cli";
import { error, ok, warning, type Check, type Finding } from "./check.ts";

/** As package.json says in `engines`. */
const NODE_LEAST = 22;

/** The Node.js that runs this. */
export const nodeCheck: Check = {
  id: "node",
  title: "Node.js",
  run: ({ config }) => Promise.resolve([look(process.versions.node), ...loaded(config.env)]),
};

export function look(version: string) {
  const major = Number(version.split(".", 1)[0]);
  return major >= NODE_LEAST
    ? ok(version)
    : error(`${version} is too old`, `install Node.js ${NODE_LEAST} or later`);
}

/** Options that have Node.js load more than the program it was told to run. */
const LOADS = /(?:^|\s)(?:-r|--require|--import|--loader|--experimental-loader)(?=[\s=]|$)/;

/** What the environment has Node.js load has run before any line of Sigil: all that is left is to say so. */
export function loaded(env: Env): readonly Finding[] {
  const options = env["NODE_OPTIONS"];
  if (options === undefined || !LOADS.test(options)) return [];
  const what = printable(options.slice(0, 120));
  return [
    warning(
      `NODE_OPTIONS loads code into every program of Node.js, this one too: ${what}`,
      "start Sigil from an environment without it",
    ),
  ];
}
