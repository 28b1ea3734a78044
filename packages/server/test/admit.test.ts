import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admitBatch } from "../src/admit.ts";
import type { Identified } from "../src/identify.ts";
import { eventOf, hash, seal, ulid, uuid, type Sealed } from "./kit.ts";

const who: Identified = { kind: "host", hostId: "host-a", group: "default", serial: "ab" };
const limits = { maxEvents: 100, maxEventBytes: 10_000, maxJsonDepth: 64 };
const spool = ulid();
const line = (parts = {}) => JSON.stringify(eventOf(parts));

const bytesOf = ({ manifest, lines }: Pick<Sealed, "manifest" | "lines">) =>
  Buffer.concat([Buffer.from(`${JSON.stringify(manifest)}\n`), lines]);
const admit = (bytes: Buffer) => admitBatch(bytes, who, hash, limits);
const good = () => seal({ spool, first: 5 }, [line(), line(), line()]);

describe("a batch", () => {
  describe("when it is what it says", () => {
    it("is admitted, each line under its sequence", async () => {
      const gaps = [{ from: 6, to: 9, reason: "evicted" as const }];
      const sealed = seal({ spool, first: 5, gaps }, [line(), line(), line()]);
      const done = await admit(bytesOf(sealed));
      if (done.kind === "refused") throw new Error(done.problem);
      expect(done.batch.chain).toBe(sealed.chain);
      expect(done.batch.events.map(({ sequence }) => sequence)).toEqual([5, 10, 11]);
      expect(
        Buffer.concat(done.batch.events.flatMap(({ line: one }) => [one, Buffer.from("\n")])),
      ).toEqual(sealed.lines);
    });

    it("is admitted without lines, to say what is gone", async () => {
      const gaps = [{ from: 1, to: 9, reason: "corrupt" as const }];
      const done = await admit(bytesOf(seal({ spool, first: 1, last: 9, gaps }, [])));
      expect(done).toMatchObject({ batch: { events: [], rejected: [] } });
    });

    it("is admitted when lines are not: each is refused by itself", async () => {
      const event_id = uuid();
      const lines = [
        line(),
        "no json",
        line({ event_id, host_id: "host-b" }),
        Buffer.from([0x22, 0xff, 0x22]),
        "",
        line({ pad: "x".repeat(10_001) }),
        line({ pad: "é" }),
      ];
      const done = await admit(bytesOf(seal({ spool, first: 1 }, lines)));
      if (done.kind === "refused") throw new Error(done.problem);
      expect(done.batch.events.map(({ sequence }) => sequence)).toEqual([1, 7]);
      expect(done.batch.rejected).toMatchObject([
        { sequence: 2, eventId: null, reason: "not_json" },
        { sequence: 3, eventId: event_id, reason: "host_id_mismatch" },
        { sequence: 4, eventId: null, reason: "not_json" },
        { sequence: 5, eventId: null, reason: "not_json" },
        { sequence: 6, eventId: null, reason: "too_large" },
      ]);
    });
  });

  describe("when it is not", () => {
    const changed = (change: (sealed: Sealed) => Partial<Sealed>) => {
      const sealed = good();
      return bytesOf({ ...sealed, ...change(sealed) });
    };
    const manifest = (more: object) =>
      changed((sealed) => ({ manifest: { ...sealed.manifest, ...more } }));
    const flipped = () =>
      changed(({ lines }) => {
        const other = Buffer.from(lines);
        other[40] = (other[40] ?? 0) ^ 1;
        return { lines: other };
      });

    it.each<[string, () => Buffer, string]>([
      ["it is empty", () => Buffer.alloc(0), "batch-malformed"],
      ["it has no line end", () => Buffer.from("{}"), "batch-malformed"],
      ["its manifest is no JSON", () => Buffer.from("{\n"), "batch-malformed"],
      ["its manifest is deep", () => Buffer.from(`${"[".repeat(100_000)}\n`), "batch-malformed"],
      ["its manifest has another version", () => manifest({ wire_version: 2 }), "batch-malformed"],
      ["its manifest has a key that is not known", () => manifest({ more: 1 }), "batch-malformed"],
      ["its numbers do not fit", () => manifest({ last_sequence: 4 }), "batch-malformed"],
      ["it is another host's", () => manifest({ host_id: "host-b" }), "identity-mismatch"],
      [
        "it has too many events",
        () =>
          bytesOf(
            seal(
              { spool, first: 1 },
              Array.from({ length: 101 }, () => line()),
            ),
          ),
        "batch-too-large",
      ],
      ["one bit is another", flipped, "batch-digest"],
      [
        "a line is missing",
        () => changed(({ lines }) => ({ lines: lines.subarray(0, -600) })),
        "batch-digest",
      ],
      [
        "its digest is another",
        () => manifest({ digest: `blake3:${"0".repeat(64)}` }),
        "batch-digest",
      ],
      ["its bytes are others", () => manifest({ bytes: 1 }), "batch-digest"],
      [
        "it has fewer lines than sequences",
        () => manifest({ count: 4, last_sequence: 8 }),
        "batch-digest",
      ],
      [
        "it has more lines than sequences",
        () => manifest({ count: 2, last_sequence: 6 }),
        "batch-digest",
      ],
      [
        "its last line has no end",
        () => {
          const lines = Buffer.from(line());
          const { manifest: before } = seal({ spool, first: 1 }, [line()]);
          const digest = `blake3:${Buffer.from(hash.digest(lines)).toString("hex")}` as const;
          return bytesOf({ manifest: { ...before, digest, bytes: lines.length }, lines });
        },
        "batch-digest",
      ],
    ])("is refused whole: %s", async (_name, make, problem) => {
      expect(await admit(make())).toMatchObject({ kind: "refused", problem });
    });
  });

  describe("when it is anything at all", () => {
    it("is judged, never a crash", async () => {
      const one = bytesOf(good());
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ at: fc.nat(one.length - 1), byte: fc.nat(255) }), { maxLength: 5 }),
          fc.nat(one.length),
          async (changes, end) => {
            const bytes = Buffer.from(one.subarray(0, Math.max(end, one.length - 20)));
            for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
            const done = await admit(bytes);
            // Only the ids, the chain and nothing of the lines can be another without the digest saying so.
            if (done.kind === "batch") expect(done.batch.events).toHaveLength(3);
            else expect(done.problem).toMatch(/^batch-|^identity-/);
          },
        ),
        { numRuns: 200 },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.jsonValue(),
          fc.constantFrom(...Object.keys(good().manifest)),
          async (value, key) => {
            const sealed = good();
            const done = await admit(
              bytesOf({ ...sealed, manifest: { ...sealed.manifest, [key]: value } as never }),
            );
            expect(["batch", "refused"]).toContain(done.kind);
          },
        ),
        { numRuns: 200 },
      );
    });
  });
});
