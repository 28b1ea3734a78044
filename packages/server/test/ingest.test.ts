import { gzipSync, zstdCompressSync } from "node:zlib";
import { ackSchema, BATCH_TYPE, helloSchema, PROBLEM_TYPE, problemSchema } from "@sigil/core";
import { tempDir, type TempDir } from "@sigil/testkit";
import Fastify, { type FastifyInstance } from "fastify";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLimiter } from "../src/api/limiter.ts";
import { createGate } from "../src/gate.ts";
import type { Identified } from "../src/identify.ts";
import { registerIngest, type BatchOutcome, type IngestDeps } from "../src/ingest.ts";
import { refuse, type Refusal } from "../src/problem.ts";
import { serverSettingsSchema } from "../src/settings.ts";
import type { EventStore } from "../src/store/model.ts";
import { openStore } from "../src/store/sqlite.ts";
import { eventOf, hash, seal, storeOptions, ulid, uuid, type BatchParts } from "./kit.ts";

const spool = ulid();
let dir: TempDir;
let store: EventStore;
let app: FastifyInstance;
let who: Identified | Refusal;
let isDraining = false;
let isBroken = false;
let now = 0;
let outcomes: BatchOutcome[] = [];

beforeEach(async () => {
  dir = tempDir();
  store = openStore(storeOptions(dir.at("server.db")));
  who = { kind: "host", hostId: "host-a", group: "staff", serial: "ab" };
  [isDraining, isBroken, now, outcomes] = [false, false, 0, []];
  app = Fastify();
  registerIngest(app, depsOf());
  await app.ready();
});

afterEach(async () => {
  await app.close();
  await store.close();
  dir.remove();
});

function depsOf(): IngestDeps {
  const { limits } = serverSettingsSchema.parse({
    limits: {
      max_inflight_bytes: 1_048_576,
      max_body_bytes: 65_536,
      max_batch_bytes: 131_072,
      max_events: 50,
      requests_per_minute: 20,
    },
  });
  const limiter = createLimiter(limits.requests_per_minute, () => now);
  return {
    store: {
      heads: store.heads,
      commit: (batch) =>
        isBroken ? Promise.reject(new Error("the disk is full")) : store.commit(batch),
    },
    admit: createGate({ identify: () => who, limiter, isDraining: () => isDraining }),
    hash,
    limits,
    server: "sigil-server 1.2.3",
    now: () => 1_700_000_000_000,
    log: { error: () => undefined },
    onBatch: (outcome) => void outcomes.push(outcome),
  };
}

type Post = {
  readonly type?: string | undefined;
  readonly encoding?: string;
  readonly body: Buffer | string;
};

function post({ type = BATCH_TYPE, encoding, body }: Post) {
  const headers = {
    "content-type": type,
    ...(encoding === undefined ? {} : { "content-encoding": encoding }),
  };
  return app.inject({ method: "POST", url: "/v1/events", headers, payload: body });
}

function batchOf(lines: readonly string[], parts: Partial<BatchParts> = {}) {
  const sealed = seal({ spool, first: 1, ...parts }, lines);
  const body = Buffer.concat([Buffer.from(`${JSON.stringify(sealed.manifest)}\n`), sealed.lines]);
  return { ...sealed, body };
}

const line = (parts = {}) => JSON.stringify(eventOf(parts));

/** Every error is a problem of the project's own, with the status its table gives. */
function expectProblem(answer: Awaited<ReturnType<typeof post>>, name: string, status: number) {
  expect(answer.headers["content-type"]).toBe(PROBLEM_TYPE);
  const problem = problemSchema.parse(answer.json());
  expect(problem).toMatchObject({ type: `urn:sigil:problem:${name}`, status });
  expect(answer.statusCode).toBe(status);
}

describe("POST /v1/events", () => {
  describe("when a batch is sound", () => {
    it.each([
      ["identity", undefined, (bytes: Buffer) => bytes],
      ["zstd", "zstd", (bytes: Buffer) => zstdCompressSync(bytes)],
      ["gzip", "gzip", (bytes: Buffer) => gzipSync(bytes)],
    ] as const)("is stored, then acknowledged: %s", async (_name, encoding, pack) => {
      const { manifest, body } = batchOf([line(), line()]);
      const answer = await post({ body: pack(body), ...(encoding ? { encoding } : {}) });
      expect(answer.statusCode).toBe(200);
      expect(ackSchema.parse(answer.json())).toEqual({
        wire_version: 1,
        batch_id: manifest.batch_id,
        digest: manifest.digest,
        accepted: 2,
        duplicate: 0,
        rejected: [],
        high_water: 2,
      });
      expect(await store.host("host-a")).toMatchObject({ events: 2, group: "staff" });
      expect(outcomes).toEqual([{ accepted: 2, duplicate: 0, rejected: 0, bytes: body.length }]);
    });

    it("answers for every line: accepted, duplicate or rejected", async () => {
      const known = line();
      await post({ body: batchOf([known]).body });
      const event_id = uuid();
      const body = batchOf([known, "{", line({ event_id, host_id: "host-b" }), line()]).body;
      const ack = ackSchema.parse(
        (await post({ body, type: `${BATCH_TYPE}; charset=utf-8` })).json(),
      );
      expect(ack).toMatchObject({ accepted: 1, duplicate: 1, high_water: 4 });
      expect(ack.rejected).toEqual([
        { sequence: 2, event_id: null, reason: "not_json", detail: "it is not JSON" },
        { sequence: 3, event_id, reason: "host_id_mismatch", detail: "host_id is not the batch's" },
      ]);
    });
  });

  describe("when it is refused", () => {
    it.each<[string, () => Post, string, number]>([
      [
        "another type",
        () => ({ ...batchOf([line()]), type: "application/json" }),
        "batch-encoding",
        415,
      ],
      ["another encoding", () => ({ ...batchOf([line()]), encoding: "br" }), "batch-encoding", 415],
      [
        "not what its encoding says",
        () => ({ ...batchOf([line()]), encoding: "zstd" }),
        "batch-malformed",
        400,
      ],
      ["no manifest", () => ({ body: "hello" }), "batch-malformed", 400],
      ["nothing", () => ({ body: "" }), "batch-malformed", 400],
      ["another host's", () => batchOf([line()], { host: "host-b" }), "identity-mismatch", 403],
      ["a large body", () => ({ body: Buffer.alloc(65_537) }), "batch-too-large", 413],
      [
        "a bomb",
        () => ({ body: zstdCompressSync(Buffer.alloc(50_000_000)), encoding: "zstd" }),
        "batch-too-large",
        413,
      ],
      [
        "many events",
        () => batchOf(Array.from({ length: 51 }, () => line())),
        "batch-too-large",
        413,
      ],
    ])("says why: %s", async (_name, make, name, status) => {
      expectProblem(await post(make()), name, status);
      expect(await store.stats()).toMatchObject({ events: 0, hosts: 0 });
    });

    it("says so before it looks at the body when the certificate is revoked", async () => {
      who = refuse("certificate-revoked");
      expectProblem(await post({ body: "whatever" }), "certificate-revoked", 403);
    });

    it("says when to come back: too often, leaving, or a store that cannot be written", async () => {
      const { body } = batchOf([line()]);
      isBroken = true;
      const broken = await post({ body });
      expectProblem(broken, "store-unavailable", 503);
      expect(broken.headers["retry-after"]).toBe("5");
      [isBroken, isDraining] = [false, true];
      const leaving = await post({ body });
      expectProblem(leaving, "draining", 503);
      expect(leaving.headers["retry-after"]).toBe("5");
      isDraining = false;
      for (let sent = 1; sent < 20; sent += 1) await post({ body });
      const often = await post({ body });
      expectProblem(often, "rate-limited", 429);
      expect(often.headers["retry-after"]).toBe("3");
      now += 3000;
      expect((await post({ body })).statusCode).toBe(200);
    });
  });

  describe("when more was sent than may be in memory at once", () => {
    it("is taken, since what was answered is no more in memory", async () => {
      for (let sent = 0; sent < 30; sent += 1) {
        now += 60_000;
        const { body } = batchOf([line({ pad: "x".repeat(60_000) })]);
        expect((await post({ body })).statusCode).toBe(200);
      }
    });
  });

  describe("when anything is sent", () => {
    it("is answered, with an acknowledgement or a problem", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 200 }),
          fc.constantFrom("zstd", "gzip", "identity", "br", "deflate, gzip"),
          async (bytes, encoding) => {
            now += 60_000;
            const answer = await post({ body: Buffer.from(bytes), encoding });
            expect([400, 415]).toContain(answer.statusCode);
            problemSchema.parse(answer.json());
          },
        ),
        { numRuns: 100 },
      );
    });
  });
});

describe("GET /v1/hello", () => {
  const hello = (query: string) => app.inject({ url: `/v1/hello${query}` });

  describe("when a host asks", () => {
    it("says whom it takes it for, what it takes, and how far it has the spools", async () => {
      const { body, chain } = batchOf([line(), line()]);
      await post({ body });
      const answer = await hello(`?spool_id=${spool}&spool_id=${ulid()}&later=1`);
      expect(helloSchema.parse(answer.json())).toEqual({
        wire_version: 1,
        server: "sigil-server 1.2.3",
        host_id: "host-a",
        group: "staff",
        time: "2023-11-14T22:13:20.000Z",
        limits: {
          max_body_bytes: 65_536,
          max_batch_bytes: 131_072,
          max_events: 50,
          max_event_bytes: 262_144,
        },
        encodings: ["zstd", "gzip", "identity"],
        spools: [{ spool_id: spool, last_sequence: 2, chain }],
      });
    });

    it("does not tell it of another host's spools", async () => {
      await post({ body: batchOf([line()]).body });
      who = { kind: "host", hostId: "host-b", group: "staff", serial: "cd" };
      expect((await hello(`?spool_id=${spool}`)).json()).toMatchObject({ spools: [] });
    });
  });

  describe("when the question makes no sense", () => {
    it.each(["?spool_id=x", `?${"spool_id=01ARZ3NDEKTSV4RRFFQ69G5FAV&".repeat(17)}`])(
      "says so",
      async (query) => {
        expectProblem(await hello(query), "query-invalid", 400);
      },
    );
  });

  describe("when the host is refused", () => {
    it("says why", async () => {
      who = refuse("certificate-unknown");
      expectProblem(await hello(""), "certificate-unknown", 403);
    });
  });
});
