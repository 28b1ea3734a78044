import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { tempDir, type TempDir } from "@sigil/testkit";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHandles } from "../../src/store/handles.ts";
import { createStore, openStore, readStore } from "../../src/store/sqlite.ts";
import { MIGRATIONS } from "../../src/store/schema.ts";
import { admitted, storeOptions, ulid, uuid } from "../kit.ts";

let dir: TempDir;
let file: string;

beforeEach(() => {
  dir = tempDir();
  file = dir.at("server.db");
});
afterEach(() => dir.remove());

const some = (count: number, more = {}) =>
  Array.from({ length: count }, () => ({ event_id: uuid(), ...more }));

/** A store with enough in it that it has inner pages. */
async function filled(): Promise<string[]> {
  const store = openStore(storeOptions(file));
  const batch = admitted({ spool: ulid(), first: 1 }, some(500, { pad: "x".repeat(500) }));
  await store.commit(batch);
  await store.close();
  return batch.events.map(({ eventId }) => eventId);
}

/** Overwrites everything but the header and the schema. */
function damage(): void {
  const db = new Database(file);
  const pages = Number(db.pragma("page_count", { simple: true }));
  db.close();
  const bytes = Buffer.alloc(4096, 0xaa);
  const handle = Array.from({ length: pages - 30 }, () => bytes);
  const head = Buffer.from(readHead());
  writeFileSync(file, Buffer.concat([head, ...handle]));
}

function readHead(): Uint8Array {
  const db = new Database(file, { readonly: true });
  const all = db.serialize();
  db.close();
  return all.subarray(0, 30 * 4096);
}

describe("a damaged store", () => {
  describe("when it is opened", () => {
    it.each([
      ["its pages are overwritten", () => damage()],
      ["it is no database", () => writeFileSync(file, "x".repeat(10_000))],
      ["it ends too early", () => truncateSync(file, 8192)],
    ])("is set aside and a new one begun: %s", async (_name, harm) => {
      await filled();
      harm();
      const aside: string[] = [];
      const store = openStore(storeOptions(file, { onSetAside: (at) => aside.push(at) }));
      expect(aside).toEqual([`${file}.damaged-1700000000000`]);
      expect(readdirSync(dir.path)).toContain("server.db.damaged-1700000000000");
      const batch = admitted({ spool: ulid(), first: 7 }, some(1));
      expect(await store.commit(batch)).toMatchObject({ accepted: 1, highWater: 0 });
      await store.close();
    });
  });

  describe("when damage shows while the server runs", () => {
    it("fails that batch, then begins a new store", async () => {
      await filled();
      const aside: string[] = [];
      const options = { checkMaxBytes: 0, onSetAside: (at: string) => aside.push(at) };
      damage();
      const store = openStore(storeOptions(file, options));
      const spool = ulid();
      const batch = admitted({ spool, first: 1 }, some(2));
      let failures = 0;
      while (aside.length === 0 && failures < 50) {
        const next = admitted({ spool: ulid(), first: 1 }, some(50));
        await store.commit(next).catch((error: { code: string }) => {
          expect(error.code).toBe("SIGIL_SERVER_STORE");
          failures += 1;
        });
      }
      expect(aside).toHaveLength(1);
      expect(await store.commit(batch)).toMatchObject({ accepted: 2 });
      expect(await store.stats()).toMatchObject({ events: 2 });
      await store.close();
    });
  });
});

describe("a store that was restored from an old backup", () => {
  describe("when the sender finds out and sends again", () => {
    it("says how far it is, shows the break in the chain, and holds everything once", async () => {
      const spool = ulid();
      const first = admitted({ spool, first: 1 }, some(5));
      const second = admitted({ spool, first: 6, previous: first.chain }, some(5));
      let store = openStore(storeOptions(file));
      await store.commit(first);
      await store.close();
      cpSync(file, dir.at("backup.db"));
      store = openStore(storeOptions(file));
      await store.commit(second);
      await store.close();
      cpSync(dir.at("backup.db"), file);
      store = openStore(storeOptions(file));
      expect(await store.heads("host-a", [spool])).toEqual([
        { spool_id: spool, last_sequence: 5, chain: first.chain },
      ]);
      // A sender keeps the chain of its last batch only: of what it sends again it knows no predecessor.
      const again = { ...second, manifest: { ...second.manifest, previous: null } };
      expect(await store.commit(again)).toMatchObject({ accepted: 5, highWater: 10 });
      expect((await store.ledger("host-a"))?.spools).toMatchObject([
        { events: 10, chain_breaks: 1, gaps_total: 0, forks: 0 },
      ]);
      await store.close();
    });

    it("shows what is missing when the sender goes on instead", async () => {
      const spool = ulid();
      const store = openStore(storeOptions(file));
      await store.commit(admitted({ spool, first: 1 }, some(5)));
      const previous = `blake3:${"7".repeat(64)}`;
      await store.commit(admitted({ spool, first: 11, previous }, some(5)));
      expect((await store.ledger("host-a"))?.spools).toMatchObject([
        { high_water: 5, gaps: [{ from: 6, to: 10, reason: "missing_batch" }] },
      ]);
      await store.close();
    });
  });
});

describe("a store that cannot be written", () => {
  describe("when the disk is full", () => {
    it("acknowledges nothing, keeps what it has, and goes on when there is room", async () => {
      const handles = createHandles(storeOptions(file));
      const store = createStore(storeOptions(file), handles, () => undefined);
      const spool = ulid();
      const first = admitted({ spool, first: 1 }, some(2));
      await store.commit(first);
      // A limit on pages is to SQLite what a full disk is.
      const limit = (pages: number) => handles.current().writer.pragma(`max_page_count = ${pages}`);
      limit(1);
      const second = admitted({ spool, first: 3, previous: first.chain }, some(2000));
      const both = await Promise.allSettled([
        store.commit(second),
        store.commit(admitted({ spool: ulid(), host: "host-b", first: 1 }, some(2000))),
      ]);
      expect(both).toMatchObject([
        { status: "rejected", reason: { code: "SIGIL_SERVER_STORE" } },
        { status: "rejected", reason: { code: "SIGIL_SERVER_STORE" } },
      ]);
      expect(await store.heads("host-a", [spool])).toMatchObject([{ last_sequence: 2 }]);
      limit(1_000_000);
      expect(await store.commit(second)).toMatchObject({ accepted: 2000, highWater: 2002 });
      expect((await store.ledger("host-a"))?.spools).toMatchObject([{ gaps_total: 0, forks: 0 }]);
      expect(await store.stats()).toMatchObject({ events: 2002 });
      await store.close();
    });
  });
});

describe("a commit", () => {
  describe("when it is answered", () => {
    it("is synced: a power cut takes nothing that was acknowledged", () => {
      const handles = createHandles(storeOptions(file));
      const { writer } = handles.current();
      // 2 is FULL: in WAL anything less syncs only at checkpoints (sqlite.org/pragma.html#pragma_synchronous).
      expect(writer.pragma("synchronous", { simple: true })).toBe(2);
      expect(writer.pragma("journal_mode", { simple: true })).toBe("wal");
      handles.close();
    });
  });
});

describe("a store that is in use", () => {
  describe("when a second server opens it", () => {
    it("is refused, while it can be read", async () => {
      const store = openStore(storeOptions(file));
      await store.commit(admitted({ spool: ulid(), first: 1 }, some(2)));
      expect(() => openStore(storeOptions(file))).toThrow(
        expect.objectContaining({ code: "SIGIL_SERVER_RUNNING" }),
      );
      const reader = readStore(storeOptions(file));
      expect(await reader?.stats()).toMatchObject({ events: 2, hosts: 1 });
      await expect(reader?.prune({ receivedAt: 0, maxBytes: 0 })).rejects.toMatchObject({
        code: "SIGIL_SERVER_STORE",
      });
      await reader?.close();
      await store.close();
    });
  });

  describe("when there is none to read", () => {
    it("is null", () => {
      expect(readStore(storeOptions(file))).toBeNull();
    });
  });

  describe("when it is from a newer version", () => {
    it("is left alone", () => {
      const db = new Database(file);
      db.pragma(`user_version = ${MIGRATIONS.length + 1}`);
      db.close();
      expect(() => openStore(storeOptions(file))).toThrow(
        expect.objectContaining({ code: "SIGIL_SERVER_STORE_NEWER" }),
      );
      expect(readdirSync(dir.path).filter((name) => name.includes("damaged"))).toEqual([]);
    });
  });
});

describe("a server that is killed", () => {
  describe("when it has answered batches", () => {
    it("has every one of them, whole, and no part of another", async () => {
      const program = fileURLToPath(new URL("committing.ts", import.meta.url));
      const child = spawn(process.execPath, ["--conditions=@sigil/source", program, file], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let acknowledged = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        if (acknowledged >= 25) child.kill("SIGKILL");
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      expect(child.signalCode).toBe("SIGKILL");
      const store = openStore(storeOptions(file));
      const { events } = await store.stats();
      const [spool] = (await store.ledger("host-a"))?.spools ?? [];
      expect(events).toBeGreaterThanOrEqual(acknowledged * 100);
      expect(events % 100).toBe(0);
      expect(spool).toMatchObject({ events, high_water: events, chain_breaks: 0, gaps_total: 0 });
      await store.close();
    });
  });
});
