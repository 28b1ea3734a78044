import { filesOf, loadSettings } from "../config.ts";
import { fail } from "../errors.ts";
import type { Registry } from "../registry/model.ts";
import { openRegistry } from "../registry/sqlite.ts";
import type { CommandContext } from "./context.ts";

/** Works with the registry, beside a server that may run. @throws SIGIL_SERVER_REGISTRY, SIGIL_SERVER_STORE */
export async function withRegistry<Result>(
  { config }: CommandContext,
  work: (registry: Registry) => Promise<Result> | Result,
): Promise<Result> {
  process.umask(0o027);
  const registry = openRegistry(filesOf(config, loadSettings(config)).registry);
  try {
    return await work(registry);
  } finally {
    registry.close();
  }
}

const GROUP = /^[A-Za-z0-9._-]{1,64}$/;

/** @throws SIGIL_SERVER_NAME */
export function checkGroup(group: string): string {
  if (GROUP.test(group)) return group;
  throw fail("SIGIL_SERVER_NAME", `${JSON.stringify(group)} is no name of a group`);
}
