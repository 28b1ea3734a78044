import { tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventFilter, EventStore, Page } from "../../src/store/model.ts";
import { openStore } from "../../src/store/sqlite.ts";
import { admitted, storeOptions, ulid, uuid, type EventParts } from "../kit.ts";

const T0 = 1_700_000_000_000;
let dir: TempDir;
let store: EventStore;
let now = T0;

beforeEach(() => {
  dir = tempDir();
  now = T0;
  store = openStore(storeOptions(dir.at("server.db"), { scanMax: 100, now: () => now }));
});

afterEach(async () => {
  await store.close();
  dir.remove();
});

type Made = { readonly host?: string; readonly spool?: string; readonly first?: number };

async function put(
  events: readonly EventParts[],
  { host = "host-a", spool = ulid(), first = 1 }: Made = {},
) {
  const whole = events.map((event) => ({ event_id: uuid(), ...event }));
  await store.commit(admitted({ host, spool, first, at: now }, whole));
  return whole.map(({ event_id }) => event_id);
}

const ids = ({ items }: Page<{ readonly line: string }>) =>
  items.map(({ line }) => (JSON.parse(line) as { event_id: string }).event_id);

/** Everything, page by page. */
async function all(
  filter: EventFilter,
  limit = 7,
): Promise<{ readonly ids: string[]; readonly pages: number }> {
  const found: string[] = [];
  let pages = 0;
  let cursor: string | null = null;
  do {
    const page: Page<{ readonly line: string }> = await store.events(
      filter,
      cursor === null ? { limit } : { limit, cursor },
    );
    found.push(...ids(page));
    cursor = page.next;
    pages += 1;
    expect(pages).toBeLessThan(10_000);
  } while (cursor !== null);
  return { ids: found, pages };
}

const at = (day: number) => new Date(T0 + day * 86_400_000).toISOString();
const kind = (name: string) => ({ evidence: { kind: name } });

describe("events", () => {
  describe("when they are read page by page", () => {
    it("come all, once, in the order of arrival", async () => {
      const first = await put(Array.from({ length: 20 }, () => ({})));
      const second = await put([{}, {}], { host: "host-b" });
      expect((await all({})).ids).toEqual([...first, ...second]);
      expect((await all({}, 11)).ids).toEqual([...first, ...second]);
    });

    it("end with the last page, also when it is full", async () => {
      await put([{}, {}]);
      expect((await store.events({}, { limit: 2 })).next).toBeNull();
      expect(await store.events({}, { limit: 5 })).toMatchObject({ next: null });
    });

    it("carry what the server knows of them", async () => {
      const spool = ulid();
      await put([{}], { spool, first: 4 });
      expect((await store.events({}, { limit: 1 })).items).toMatchObject([
        { sequence: 4, spool_id: spool, received_at: "2023-11-14T22:13:20.000Z" },
      ]);
    });
  });

  describe("when filters are given", () => {
    it("all of them must fit", async () => {
      const wanted = { severity: "high", ts: at(2), ...kind("heartbeat") };
      const [id] = await put([
        wanted,
        { ...wanted, severity: "info" },
        { ...wanted, ts: at(1) },
        { ...wanted, ts: at(3) },
        { ...wanted, ...kind("file_change") },
      ]);
      await put([wanted], { host: "host-b" });
      const filter: EventFilter = {
        host: "host-a",
        kinds: ["heartbeat", "agent_dying"],
        severities: ["high", "critical"],
        since: at(2),
        until: at(3),
      };
      expect((await all(filter)).ids).toEqual([id]);
    });

    it.each<[string, EventFilter, number]>([
      ["a host", { host: "host-b" }, 40],
      ["an unknown host", { host: "host-c" }, 0],
      ["a kind", { kinds: ["rare"] }, 2],
      ["kinds", { kinds: ["rare", "other"] }, 42],
      ["no kind", { kinds: [] }, 0],
      ["grave ones", { severities: ["critical", "high"] }, 2],
      ["warnings", { severities: ["warn", "high"] }, 41],
      ["no severity", { severities: [] }, 0],
      ["no time", { since: "yesterday" }, 0],
    ])("finds by %s, whichever index serves", async (_name, filter, count) => {
      await put(Array.from({ length: 300 }, () => ({})));
      await put(
        Array.from({ length: 40 }, () => ({ severity: "warn", ...kind("other") })),
        { host: "host-b" },
      );
      await put([
        { severity: "high", ...kind("rare") },
        { severity: "critical", ...kind("rare") },
      ]);
      expect((await all(filter)).ids).toHaveLength(count);
    });
  });

  describe("when few of many fit", () => {
    it("pages may be empty, and each looks at a bounded number", async () => {
      await put(Array.from({ length: 990 }, () => ({})));
      const [id] = await put([{ severity: "warn" }]);
      const found = await all({ severities: ["warn"] });
      expect(found.ids).toEqual([id]);
      expect(found.pages).toBe(10);
    });

    it("leaves out what is not of the day asked for", async () => {
      for (const day of [1, 2, 3, 4]) {
        await put(Array.from({ length: 5000 }, () => ({ ts: at(day) })));
      }
      const found = await all({ since: at(4) }, 1000);
      expect(found.ids).toHaveLength(5000);
      expect(found.pages).toBeLessThan(90);
      expect((await all({ since: at(5) })).pages).toBe(1);
      expect((await all({ until: at(1) })).pages).toBe(1);
    });
  });

  describe("when a crash made the agent say something twice", () => {
    const key = "0123456789abcdef0123456789abcdef";

    it("shows it once, unless asked", async () => {
      const spool = ulid();
      const [first, second] = await put([{ dedup_key: key }, { dedup_key: key }], { spool });
      const [third] = await put([{ dedup_key: key }], { spool, first: 20_000 });
      expect((await all({})).ids).toEqual([first]);
      expect((await all({ repeats: true })).ids).toEqual([first, second, third]);
    });

    it("does not fold another spool's, nor what is far apart", async () => {
      const spool = ulid();
      const [first] = await put([{ dedup_key: key }], { spool });
      const [other] = await put([{ dedup_key: key }], { host: "host-b" });
      const [far] = await put([{ dedup_key: key }], { spool, first: 40_000 });
      expect((await all({})).ids).toEqual([first, other, far]);
    });
  });

  describe("when the cursor is not one of theirs", () => {
    it.each([
      ["empty", ""],
      ["no JSON", "x"],
      ["no list", "e30"],
      ["of another store", Buffer.from('["other",1]').toString("base64url")],
      ["too long", "a".repeat(9000)],
    ])("is refused: %s", async (_name, cursor) => {
      await put([{}]);
      await expect(store.events({}, { limit: 1, cursor })).rejects.toMatchObject({
        code: "SIGIL_SERVER_CURSOR",
      });
    });
  });
});

describe("drift", () => {
  describe("when it is asked for", () => {
    it("comes newest first, page by page, also among much else", async () => {
      const found: string[] = [];
      for (let round = 0; round < 5; round += 1) {
        found.push(...(await put([kind("ai_guard_drift"), {}, { ...kind("ai_guard_drift") }])));
      }
      const drifts = found.filter((_, index) => index % 3 !== 1).toReversed();
      const first = await store.drift({}, { limit: 4 });
      expect(ids(first)).toEqual(drifts.slice(0, 4));
      const rest = await store.drift({}, { limit: 50, cursor: first.next ?? "" });
      expect(ids(rest)).toEqual(drifts.slice(4));
      expect(rest.next).toBeNull();
    });

    it("looks at a bounded number for one page", async () => {
      const [mine] = await put([kind("ai_guard_drift")]);
      await put(
        Array.from({ length: 150 }, () => kind("ai_guard_drift")),
        { host: "host-b" },
      );
      const first = await store.drift({ host: "host-a" }, { limit: 10 });
      expect(first.items).toEqual([]);
      const second = await store.drift({ host: "host-a" }, { limit: 10, cursor: first.next ?? "" });
      expect(ids(second)).toEqual([mine]);
      expect(await store.drift({ host: "nobody" }, { limit: 1 })).toEqual({
        items: [],
        next: null,
      });
    });
  });
});

describe("risk", () => {
  const risk = (score: number, more: EventParts = {}) => ({
    evidence: {
      kind: "ai_guard_risk_assessed",
      tool: "claude-code",
      scope: "user-global",
      path: "/home/a/.claude/settings.json",
      content_hash: "blake3:00",
      score,
      band: "high",
      ...more,
    },
  });

  describe("when a file is assessed again", () => {
    it("keeps what was said last, whatever came last", async () => {
      const spool = ulid();
      await put([risk(3)], { spool, first: 5 });
      const [id] = await put([risk(7.5)], { spool, first: 9 });
      await put([risk(1)], { spool, first: 7 });
      expect(await store.risk({}, { limit: 9 })).toEqual({
        items: [
          {
            host_id: "host-a",
            tool: "claude-code",
            scope: "user-global",
            path: "/home/a/.claude/settings.json",
            score: 7.5,
            band: "high",
            ts: "2026-05-10T07:14:32.512Z",
            event_id: id,
          },
        ],
        next: null,
      });
      expect(await store.host("host-a")).toMatchObject({ score: 7.5, band: "high" });
    });
  });

  describe("when a file is gone", () => {
    it("is not listed any more; an empty one is", async () => {
      await put([
        risk(4),
        risk(0, { content_hash: null }),
        risk(0, { path: "/empty" }),
        risk(0, { path: null, scope: "session", content_hash: null }),
      ]);
      const { items } = await store.risk({}, { limit: 9 });
      expect(items.map(({ path }) => path)).toEqual(["/empty", null]);
    });
  });

  describe("when two sessions run", () => {
    it("knows both", async () => {
      const session = risk(3, { path: null, scope: "session", content_hash: null });
      await put([
        { ...session, subject: { kind: "process", pid: 1, name: "claude" } },
        { ...session, subject: { kind: "process", pid: 2, name: "claude" } },
      ]);
      expect((await store.risk({}, { limit: 9 })).items).toHaveLength(2);
    });
  });

  describe("when there are many", () => {
    it("comes highest first, page by page, filtered", async () => {
      const scores = [1, 7.5, 3, 7.5, 0, 9.4, 3, 3];
      await put(scores.map((score, index) => risk(score, { path: `/f${index}` })));
      await put([risk(10)], { host: "host-b" });
      const found: number[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.risk(
          { host: "host-a", minScore: 1 },
          cursor === null ? { limit: 2 } : { limit: 2, cursor },
        );
        found.push(...page.items.map(({ score }) => score));
        cursor = page.next as string | null;
      } while (cursor !== null);
      expect(found).toEqual([9.4, 7.5, 7.5, 3, 3, 3, 1]);
    });
  });

  describe("when the event has not the form of one", () => {
    it.each([risk(11), risk(Number.NaN), risk(1, { tool: 7 }), risk(1, { band: "odd" })])(
      "is kept as an event and no more",
      async (event) => {
        const [id] = await put([event]);
        expect((await store.risk({}, { limit: 9 })).items).toEqual([]);
        expect((await all({})).ids).toEqual([id]);
      },
    );
  });
});

describe("hosts", () => {
  describe("when they are listed", () => {
    it("come by name with what is known of them", async () => {
      await put([{ agent_version: "1.2.3" }], { host: "host-b" });
      now += 1000;
      await put(
        [
          { evidence: { kind: "heartbeat", policy_version: "signed:7" } },
          { agent_version: "2.0.0" },
        ],
        { host: "host-a" },
      );
      const first = await store.hosts({ limit: 1 });
      expect(first.items).toEqual([
        {
          host_id: "host-a",
          group: "default",
          first_seen: "2023-11-14T22:13:21.000Z",
          last_seen: "2023-11-14T22:13:21.000Z",
          events: 2,
          agent_version: "2.0.0",
          policy_version: "signed:7",
          score: null,
          band: null,
          silent: false,
          irregular: false,
        },
      ]);
      const second = await store.hosts({ limit: 5, cursor: first.next ?? "" });
      expect(second).toMatchObject({
        items: [{ host_id: "host-b", agent_version: "1.2.3" }],
        next: null,
      });
    });
  });
});
