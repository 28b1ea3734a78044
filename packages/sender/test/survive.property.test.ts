import fc from "fast-check";
import { createAuthority, eventually, type Authority } from "@sigil/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { json, problem, type Handler, type Receiver } from "./kit/receiver.ts";
import { createRig, eventLine, HOST } from "./kit/rig.ts";

/** What may become of one batch on its way; all but the last two leave it for another try. */
const MISHAPS = {
  reset: ({ req }) => void req.socket.destroy(),
  storedThenReset: (arrived, next) => {
    arrived.res.end = (() => arrived.req.socket.destroy()) as never;
    next();
  },
  busy: ({ res }) => problem(res, 503, "overloaded", { "retry-after": "1" }),
  broken: ({ res }) => json(res, 500, "oops", "text/html"),
  garbage: ({ res }) => json(res, 200, "{}"),
  storedThenGarbage: (arrived, next) => {
    const { end } = arrived.res;
    arrived.res.end = ((_text: string) => end.call(arrived.res, "{", "utf8", () => {})) as never;
    next();
  },
  tooLarge: ({ manifest, res }, next) =>
    manifest.count > 1 ? problem(res, 413, "batch-too-large") : next(),
  damaged: ({ res }) => problem(res, 422, "batch-digest"),
  denied: ({ res }) => problem(res, 403, "forbidden"),
  encoding: ({ encoding, res }, next) =>
    encoding === "identity" ? next() : problem(res, 415, "batch-encoding"),
  fine: (_arrived, next) => next(),
} satisfies Record<string, Handler>;

type Act =
  | { readonly kind: "append"; readonly count: number }
  | { readonly kind: "deliver" }
  | { readonly kind: "restart" }
  | { readonly kind: "certificate" }
  | { readonly kind: "forget"; readonly share: number }
  | { readonly kind: "mishaps"; readonly names: readonly (keyof typeof MISHAPS)[] };

const names = Object.keys(MISHAPS) as (keyof typeof MISHAPS)[];
const acts: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 25 }) }),
  fc.record({ kind: fc.constant("deliver" as const) }),
  fc.record({ kind: fc.constant("restart" as const) }),
  fc.record({ kind: fc.constant("certificate" as const) }),
  fc.record({
    kind: fc.constant("forget" as const),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant("mishaps" as const),
    names: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }),
  }),
);

let authority: Authority;
beforeAll(async () => void (authority = await createAuthority()));

describe("the pipeline", () => {
  describe("whatever becomes of batches, connections, certificates, the receiver and the sender", () => {
    it("brings every event there once, unchanged", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(acts, { minLength: 1, maxLength: 14 }), async (story) => {
          const rig = await createRig({ authority, settings: { batch: { max_events: 8 } } });
          try {
            let written = 0;
            for (const act of story) {
              if (act.kind === "append") await rig.append(written + 1, (written += act.count));
              else if (act.kind === "deliver") await rig.dispatcher.once(2);
              else if (act.kind === "restart") await interrupted(rig);
              else if (act.kind === "certificate")
                rig.identity.set(await authority.issueHost(HOST));
              else if (act.kind === "forget") forget(rig.receiver, rig.source.spoolId, act.share);
              else rig.receiver.script.push(...act.names.map((name) => MISHAPS[name]));
            }
            rig.receiver.script.length = 0;
            await rig.restart();
            await rig.append(written + 1, written + 1);
            expect(await rig.dispatcher.once()).toEqual({ kind: "drained" });
            const all = Array.from({ length: written + 1 }, (_, at) => eventLine(at + 1));
            expect([...rig.received(), ...(await kept(rig))].toSorted()).toEqual(all.toSorted());
            expect(rig.source.acked).toBe(written + 1);
          } finally {
            await rig.close();
          }
        }),
        { numRuns: 12, endOnFailure: true },
      );
    });
  });
});

type Rig = Awaited<ReturnType<typeof createRig>>;

/** Ends the sender somewhere in its work. */
async function interrupted(rig: Rig): Promise<void> {
  const before = rig.receiver.batches.length;
  const running = rig.dispatcher.run();
  await eventually(() => {
    return rig.receiver.batches.length > before || rig.meter.reading().state === "idle";
  });
  await rig.restart();
  await running;
}

/** The receiver is set back to an older state, as from a backup. */
function forget(receiver: Receiver, spoolId: string, share: number): void {
  const head = receiver.heads.get(spoolId);
  if (head === undefined) return;
  const last = Math.floor(head.last_sequence * share);
  receiver.heads.set(spoolId, { last_sequence: last, chain: null });
  const stored = receiver.stored.get(spoolId);
  for (const sequence of stored?.keys() ?? []) if (sequence > last) stored?.delete(sequence);
}

/** What was put aside and is not on the receiver, which may have it by now. */
async function kept(rig: Rig): Promise<readonly string[]> {
  const there = new Set(rig.received());
  const lines = new Set<string>();
  for (const { id } of await rig.quarantine.list()) {
    const line = (await rig.quarantine.read(id))?.payload.toString() ?? "";
    if (!there.has(line)) lines.add(line);
  }
  return [...lines];
}
