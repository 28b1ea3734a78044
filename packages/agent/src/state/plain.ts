import type { PathKey } from "@sigil/core/plain";
import { bytesOfKey } from "../fs/keys.ts";
import { ROW, type PlainRows } from "../sweep/rows.ts";
import type { Db } from "./database.ts";

export type AddPlain = (
  rows: PlainRows,
  generation: number,
  skip: (path: PathKey) => boolean,
) => void;

/** Adds plain rows in one transaction. A path that is stored by now stays as it is: what is there is newer. */
export function preparePlain(db: Db): AddPlain {
  const put = db.prepare(
    `INSERT INTO paths (path, parent, target_id, generation, touched_at, removed_at, type, dev, ino, size, mtime_ns, ctime_ns,
      birthtime_ns, mode, uid, gid, digest, incomplete, symlink_target)
      VALUES (?, ?, ?, ?, 0, NULL, 'file', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)
      ON CONFLICT (parent, path) DO NOTHING`,
  );
  return db.transaction(
    (rows: PlainRows, generation: number, skip: (path: PathKey) => boolean): void => {
      const parents = rows.parents.map(bytesOfKey);
      const digests = Buffer.from(rows.digests.buffer);
      rows.paths.forEach((path, row) => {
        if (skip(path)) return;
        const place = row * ROW.places;
        const at = row * ROW.stats;
        const own = row * ROW.owners;
        put.run(
          bytesOfKey(path),
          parents[rows.places[place] as number],
          rows.targets[rows.places[place + 1] as number],
          generation,
          rows.stats[at],
          rows.stats[at + 1],
          rows.stats[at + 2],
          rows.stats[at + 3],
          rows.stats[at + 4],
          rows.stats[at + 5],
          rows.owners[own],
          rows.owners[own + 1],
          rows.owners[own + 2],
          digests.subarray(row * ROW.digest, (row + 1) * ROW.digest),
        );
      });
    },
  );
}
