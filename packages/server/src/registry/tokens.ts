import type { Database } from "better-sqlite3";
import { hashOf, newSecret, newTokenId } from "../tokens.ts";
import type { Registry, Scope, TokenRecord } from "./model.ts";

type Part = Pick<Registry, "token" | "tokens" | "createToken" | "useToken" | "deleteToken">;

type Row = Omit<TokenRecord, "scopes" | "replace"> & {
  readonly scopes: string;
  readonly replaces: number;
};

const COLUMNS = `id, scopes, host_group AS "group", uses_left, replaces, created_at, expires_at, label`;

/** Bearer tokens. They are looked up by their hash: how long that takes tells nothing about any of them. */
export function tokensOf(db: Database): Part {
  const byHash = db.prepare<[Uint8Array], Row>(`SELECT ${COLUMNS} FROM tokens WHERE hash = ?`);
  const all = db.prepare<[], Row>(`SELECT ${COLUMNS} FROM tokens ORDER BY created_at, id`);
  const insert = db.prepare(
    `INSERT INTO tokens (id, hash, scopes, host_group, uses_left, replaces, created_at, expires_at, label)
     VALUES (@id, @hash, @scopes, @group, @uses_left, @replaces, @created_at, @expires_at, @label)`,
  );
  const use = db.prepare(
    `UPDATE tokens SET uses_left = uses_left - 1
     WHERE id = ? AND (uses_left IS NULL OR uses_left > 0)`,
  );
  const remove = db.prepare("DELETE FROM tokens WHERE id = ?");
  return {
    token(secret, now) {
      const row = byHash.get(hashOf(secret));
      if (!row) return null;
      const isExpired = row.expires_at !== null && Date.parse(row.expires_at) <= now;
      return isExpired ? null : recordOf(row);
    },
    tokens: () => all.all().map(recordOf),
    createToken({ scopes, replace, ...token }, at) {
      const id = newTokenId();
      const secret = newSecret();
      const words = scopes.join(" ");
      const row = { ...token, id, hash: hashOf(secret), scopes: words, replaces: Number(replace) };
      insert.run({ ...row, created_at: at });
      return { id, secret };
    },
    useToken: (id) => use.run(id).changes > 0,
    deleteToken: (id) => remove.run(id).changes > 0,
  };
}

function recordOf({ scopes, replaces, ...row }: Row): TokenRecord {
  return { ...row, scopes: scopes.split(" ") as Scope[], replace: replaces !== 0 };
}
