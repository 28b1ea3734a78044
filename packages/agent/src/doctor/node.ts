import { error, ok, type Check } from "./check.ts";

/** As package.json says in `engines`. */
const NODE_LEAST = 22;

/** The Node.js that runs this. */
export const nodeCheck: Check = {
  id: "node",
  title: "Node.js",
  run: () => Promise.resolve(look(process.versions.node)),
};

export function look(version: string) {
  const major = Number(version.split(".", 1)[0]);
  return major >= NODE_LEAST
    ? ok(version)
    : error(`${version} is too old`, `install Node.js ${NODE_LEAST} or later`);
}
