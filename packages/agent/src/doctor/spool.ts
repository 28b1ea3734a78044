import { join } from "node:path";
import { errnoOf } from "@sigil/core/plain";
import { countText } from "@sigil/cli";
import { info, ok, warning, type Check } from "./check.ts";
import type { Facts } from "./facts.ts";

/** The spool opens, and its newest lines are as they were written. `sigil spool verify` looks at all. */
export const spoolCheck: Check = {
  id: "spool",
  title: "Spool",
  async run(facts) {
    let tail;
    try {
      tail = await facts.tail();
    } catch (error) {
      if (errnoOf(error) !== "SIGIL_SPOOL_ABSENT") throw error;
      return info(`no spool at ${facts.config.paths.spool} yet`, "`sigil run` makes it");
    }
    const { lines, lost } = tail;
    if (lost > 0)
      return warning(
        `${countText(lost, "line")} of the newest cannot be read`,
        "`sigil spool verify` says which",
      );
    const checked = `the last ${countText(lines.length, "event")} checked`;
    const last = lines.at(-1)?.sequence ?? 0;
    return ok(`${await idOf(facts)}, to sequence ${last}, ${checked}`);
  },
};

async function idOf({ config, files }: Facts): Promise<string> {
  const outcome = await files.read(join(config.paths.spool, "spool.json"), { maxBytes: 4096 });
  if (outcome.kind !== "read") return "spool";
  const { spool_id: id } = JSON.parse(outcome.text) as { readonly spool_id?: unknown };
  return typeof id === "string" ? id : "spool";
}
