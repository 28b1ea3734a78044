import { join } from "node:path";
import { errnoOf } from "@sigil/core/plain";
import { countText } from "@sigil/cli";
import { listAside } from "@sigil/spool";
import { info, ok, warning, type Check, type Finding } from "./check.ts";
import type { Facts, Tail } from "./facts.ts";

/** The spool opens, its newest lines are as they were written, and nothing was put among its files. `sigil spool verify` looks at all. */
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
    return [await ofTail(facts, tail), ...(await foreign(facts))];
  },
};

async function ofTail(facts: Facts, { lines, lost }: Tail): Promise<Finding> {
  if (lost > 0)
    return warning(
      `${countText(lost, "line")} of the newest cannot be read`,
      "`sigil spool verify` says which",
    );
  const checked = `the last ${countText(lines.length, "event")} checked`;
  const last = lines.at(-1)?.sequence ?? 0;
  return ok(`${await idOf(facts)}, to sequence ${last}, ${checked}`);
}

async function foreign({ config }: Facts): Promise<readonly Finding[]> {
  const { spool } = config.paths;
  const { length } = await listAside(spool);
  if (length === 0) return [];
  const what = `${countText(length, "file")} put among the spool's own, moved to ${join(spool, "quarantine")}`;
  return [warning(what, "find out who put them there, then remove them")];
}

async function idOf({ config, files }: Facts): Promise<string> {
  const outcome = await files.read(join(config.paths.spool, "spool.json"), { maxBytes: 4096 });
  if (outcome.kind !== "read") return "spool";
  const { spool_id: id } = JSON.parse(outcome.text) as { readonly spool_id?: unknown };
  return typeof id === "string" ? id : "spool";
}
