import type { Database } from "better-sqlite3";
import type { IssuedCertificate, Registry } from "./model.ts";

const COLUMNS = `serial, host_id, host_group AS "group", not_before, not_after, issued_at, revoked_at, revoked_why`;

type Part = Pick<
  Registry,
  "certificate" | "certificates" | "addCertificate" | "revoke" | "revocationMark"
>;

/** Whom the CA issued what. */
export function certificatesOf(db: Database): Part {
  const one = db.prepare<[string], IssuedCertificate>(
    `SELECT ${COLUMNS} FROM certificates WHERE serial = ?`,
  );
  const all = db.prepare<[], IssuedCertificate>(
    `SELECT ${COLUMNS} FROM certificates ORDER BY host_id, issued_at, serial`,
  );
  const ofHost = db.prepare<[string], IssuedCertificate>(
    `SELECT ${COLUMNS} FROM certificates WHERE host_id = ? ORDER BY issued_at, serial`,
  );
  const insert = db.prepare(
    `INSERT INTO certificates (serial, host_id, host_group, not_before, not_after, issued_at)
     VALUES (@serial, @host_id, @group, @not_before, @not_after, @issued_at)`,
  );
  const end = db.prepare(
    `UPDATE certificates SET revoked_at = @at, revoked_why = @why
     WHERE serial = @serial AND revoked_at IS NULL`,
  );
  const count = db.prepare("UPDATE counters SET value = value + 1 WHERE name = 'revocations'");
  const mark = db
    .prepare<[], number>("SELECT value FROM counters WHERE name = 'revocations'")
    .pluck();
  const revoke = db.transaction((serial: string, why: string, at: string) => {
    if (end.run({ serial, why, at }).changes === 0) return false;
    count.run();
    return true;
  });
  return {
    certificate(serial) {
      const found = one.get(serial);
      if (!found) return { kind: "unknown" };
      if (found.revoked_at !== null) return { kind: "revoked", at: found.revoked_at };
      return { kind: "good", host_id: found.host_id, group: found.group };
    },
    certificates: ({ host }) => (host === undefined ? all.all() : ofHost.all(host)),
    addCertificate: (issued) => void insert.run(issued),
    revoke: (serial, why, at) => revoke.immediate(serial, why, at),
    revocationMark: () => String(mark.get() ?? ""),
  };
}
