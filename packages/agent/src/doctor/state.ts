import { statSync } from "node:fs";
import { errnoOf, messageOf } from "@sigil/core/plain";
import { bytesText } from "@sigil/cli";
import { openStateReadOnly } from "../state/database.ts";
import { error, info, ok, type Check, type Finding } from "./check.ts";

/** state.db opens, has a schema this version knows, and so many bytes. */
export const stateCheck: Check = {
  id: "state",
  title: "State database",
  run: async ({ config }) => {
    try {
      return look(config.paths.state);
    } catch (failure) {
      const cause = failure instanceof Error && failure.cause ? failure.cause : failure;
      if (!/^SQLITE_(?:NOTADB|CORRUPT)/.test(errnoOf(cause) ?? "")) throw failure;
      const hint = "the next start sets it aside and begins anew; what was known before is lost";
      return error(messageOf(failure), hint);
    }
  },
};

/** @throws SIGIL_STATE_UNUSABLE, SIGIL_STATE_NEWER */
function look(path: string): Finding {
  const db = openStateReadOnly(path);
  if (db === null) return info(`no ${path} yet`, "`sigil run` makes it");
  try {
    const version = Number(db.pragma("user_version", { simple: true }));
    const paths = Number(db.prepare("SELECT count(*) FROM paths").pluck().get());
    const size = bytesText(sizeOf(path) + sizeOf(`${path}-wal`));
    return ok(`schema ${version}, ${paths} paths, ${size}`);
  } finally {
    db.close();
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
