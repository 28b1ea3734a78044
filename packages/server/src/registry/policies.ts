import { createHash } from "node:crypto";
import type { Database } from "better-sqlite3";
import type { PublishedPolicy, Registry } from "./model.ts";

type Part = Pick<Registry, "policy" | "publish" | "unpublish" | "policies">;
type Listed = Omit<PublishedPolicy, "bytes">;

const COLUMNS = `host_group AS "group", etag, published_at`;

/** What is served to which group; the bytes are opaque here. */
export function policiesOf(db: Database): Part {
  const one = db.prepare<[string], PublishedPolicy>(
    `SELECT ${COLUMNS}, bytes FROM policies WHERE host_group = ?`,
  );
  const all = db.prepare<[], Listed>(`SELECT ${COLUMNS} FROM policies ORDER BY host_group`);
  const put = db.prepare(
    `INSERT OR REPLACE INTO policies (host_group, etag, bytes, published_at)
     VALUES (@group, @etag, @bytes, @published_at)`,
  );
  const remove = db.prepare("DELETE FROM policies WHERE host_group = ?");
  return {
    policy: (group) => one.get(group) ?? null,
    publish(group, bytes, at) {
      const etag = createHash("sha256").update(bytes).digest("hex");
      const published = { group, etag, bytes, published_at: at };
      put.run(published);
      return published;
    },
    unpublish: (group) => remove.run(group).changes > 0,
    policies: () => all.all(),
  };
}
