import { statSync } from "node:fs";
import { errnoOf, messageOf } from "@sigil/core/plain";
import { bytesText } from "../render/units.ts";
import { openStateReadOnly } from "../state/database.ts";
import { MIGRATIONS } from "../state/migrations.ts";
import { error, info, ok, type Check } from "./check.ts";

/** state.db opens, has a schema this version knows, and so many bytes. */
export const stateCheck: Check = {
  id: "state",
  title: "State database",
  run: ({ config }) => Promise.resolve(look(config.paths.state)),
};

function look(path: string) {
  const db = openStateReadOnly(path);
  if (db === null) return info(`no ${path} yet`, "`sigil run` makes it");
  try {
    const version = Number(db.pragma("user_version", { simple: true }));
    const paths = Number(db.prepare("SELECT count(*) FROM paths").pluck().get());
    const size = bytesText(sizeOf(path) + sizeOf(`${path}-wal`));
    if (version > MIGRATIONS.length)
      return error(
        `schema ${version}; this version knows ${MIGRATIONS.length}`,
        "install the version that made it, or move the file aside",
      );
    return ok(`schema ${version}, ${paths} paths, ${size}`);
  } catch (failure) {
    const damaged = /^SQLITE_(?:NOTADB|CORRUPT)/.test(errnoOf(failure) ?? "");
    const hint = damaged
      ? "the next start sets it aside and begins anew; what was known before is lost"
      : undefined;
    return error(`${path}: ${messageOf(failure)}`, hint);
  } finally {
    db.close();
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
