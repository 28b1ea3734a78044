import { fakeClock } from "@sigil/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { createConditions, type Conditions } from "../src/conditions.ts";
import type { ControlRequest } from "../src/control.ts";
import { createCourier, type Courier, type PolicyAnswer } from "../src/courier.ts";
import { fail } from "../src/errors.ts";
import { senderSettingsSchema } from "../src/settings.ts";

const live = new AbortController().signal;
const bytes = Buffer.from("one");
const one: PolicyAnswer = { kind: "policy", etag: '"1"', bytes };
const two: PolicyAnswer = { kind: "policy", etag: '"2"', bytes: Buffer.from("two") };
const applied = { outcome: "applied", version: 1, policy_version: "p" };

let clock: ReturnType<typeof fakeClock>;
let conditions: Conditions;
/** What the server answers, one after the other; the last one again and again. */
let answers: PolicyAnswer[];
/** What the agent answers; null: there is none. */
let agent: object | null;
let etags: (string | null)[];
let offered: string[];
let slept: number[];
let logged: string[];
let courier: Courier;
beforeEach(() => {
  clock = fakeClock();
  conditions = createConditions(clock.now, () => undefined);
  answers = [one];
  agent = applied;
  [etags, offered, slept, logged] = [[], [], [], []];
  courier = make();
});

function make(random = 0.5): Courier {
  return createCourier({
    source: {
      async policy(etag) {
        etags.push(etag);
        const [answer = one] = answers.length > 1 ? answers.splice(0, 1) : answers;
        return answer;
      },
    },
    controlPath: "/nowhere",
    settings: senderSettingsSchema.parse({ policy: { poll_s: 60, offer_s: 3600, max_bytes: 1024 } })
      .policy,
    clock: { now: clock.now, monotonic: clock.now },
    random: () => random,
    sleep: async (ms) => void slept.push(ms),
    conditions,
    log: {
      info: (_facts: unknown, text?: string) => void logged.push(String(text)),
      warn: (_facts: unknown, text?: string) => void logged.push(String(text)),
    } as never,
    async ask(_path: string, request: ControlRequest) {
      if (agent === null) throw fail("SIGIL_SENDER_AGENT_UNREACHABLE", "nobody");
      offered.push("delivery" in request ? Buffer.from(request.delivery, "base64").toString() : "");
      return agent;
    },
  });
}

const codes = () => conditions.list().map(({ code }) => code);

describe("a courier", () => {
  describe("when the server has policy", () => {
    it("hands over the very bytes and reports what the agent said", async () => {
      await courier.round(live);
      expect(offered).toEqual(["one"]);
      expect(courier.report()).toEqual({
        etag: '"1"',
        asked_at: new Date(clock.now()).toISOString(),
        outcome: "applied",
        reason: null,
        detail: null,
        version: 1,
        policy_version: "p",
        answered_at: new Date(clock.now()).toISOString(),
      });
      expect(codes()).toEqual([]);
      expect(logged).toEqual(["the agent has the policy"]);
    });

    it("asks next time with its ETag, and offers nothing twice", async () => {
      answers = [one, { kind: "unchanged" }];
      await courier.round(live);
      await courier.round(live);
      expect(etags).toEqual([null, '"1"']);
      expect(offered).toEqual(["one"]);
    });

    it("hands over the next one", async () => {
      answers = [one, two];
      await courier.round(live);
      await courier.round(live);
      expect(offered).toEqual(["one", "two"]);
      expect(courier.report().etag).toBe('"2"');
    });

    it("offers the same once from a server without ETags", async () => {
      answers = [{ kind: "policy", etag: null, bytes }];
      await courier.round(live);
      await courier.round(live);
      expect(offered).toEqual(["one"]);
    });

    it("offers it again after a while, in case the agent lost it", async () => {
      answers = [one, { kind: "unchanged" }];
      await courier.round(live);
      clock.advance(3_599_000);
      await courier.round(live);
      expect(offered).toHaveLength(1);
      clock.advance(1000);
      await courier.round(live);
      expect(offered).toEqual(["one", "one"]);
    });

    it("takes none that is too large", async () => {
      answers = [{ kind: "policy", etag: '"3"', bytes: Buffer.alloc(1025) }];
      await courier.round(live);
      expect(offered).toEqual([]);
      expect(codes()).toEqual(["policy-not-fetched"]);
    });
  });

  describe("when no agent answers", () => {
    it("keeps the policy and offers it until one does, without another download", async () => {
      answers = [one, { kind: "unchanged" }];
      agent = null;
      await courier.round(live);
      await courier.round(live);
      expect(codes()).toEqual(["policy-not-delivered"]);
      expect(courier.report()).toMatchObject({ etag: null, outcome: null });
      expect(logged).toHaveLength(1);
      agent = applied;
      await courier.round(live);
      expect(etags).toEqual([null, '"1"', '"1"']);
      expect(offered).toEqual(["one"]);
      expect(codes()).toEqual([]);
      expect(courier.report().etag).toBe('"1"');
    });

    it("does the same when the answer cannot be understood", async () => {
      agent = { outcome: "perhaps" };
      await courier.round(live);
      expect(codes()).toEqual(["policy-not-delivered"]);
    });
  });

  describe("when the agent refuses it", () => {
    it("says why, and insists only after a while", async () => {
      answers = [one, { kind: "unchanged" }];
      agent = { outcome: "rejected", reason: "rollback", detail: "2 is after 1", version: 2 };
      await courier.round(live);
      await courier.round(live);
      clock.advance(299_000);
      await courier.round(live);
      expect(offered).toHaveLength(1);
      expect(courier.report()).toMatchObject({
        outcome: "rejected",
        reason: "rollback",
        version: 2,
      });
      expect(conditions.list()).toMatchObject([
        { code: "policy-refused", severity: "high", detail: "rollback: 2 is after 1" },
      ]);
      clock.advance(1000);
      agent = applied;
      await courier.round(live);
      expect(offered).toHaveLength(2);
      expect(codes()).toEqual([]);
    });
  });

  describe("when the server has none, or fails", () => {
    it("forgets what it held where there is none", async () => {
      answers = [one, { kind: "none" }, one];
      await courier.round(live);
      await courier.round(live);
      expect(courier.report().etag).toBeNull();
      await courier.round(live);
      expect(etags).toEqual([null, '"1"', null]);
    });

    it("holds a condition for as long as it fails", async () => {
      answers = [{ kind: "failed", detail: "the server answered 500" }, one];
      await courier.round(live);
      expect(codes()).toEqual(["policy-not-fetched"]);
      expect(courier.report().asked_at).toBeNull();
      await courier.round(live);
      expect(codes()).toEqual([]);
    });
  });

  describe("when it runs", () => {
    it.each([
      [0, 54_000],
      [0.5, 60_000],
      [1, 66_000],
    ])("waits between rounds, a little unevenly (%d)", async (random, ms) => {
      const ending = new AbortController();
      answers = [one];
      const rounds = createCourierThatEnds(make(random), ending);
      await rounds;
      expect(slept[0]).toBeCloseTo(ms);
    });
  });
});

/** Ends after the first wait. */
async function createCourierThatEnds(made: Courier, ending: AbortController): Promise<void> {
  const running = made.run(ending.signal);
  ending.abort();
  await running;
}
