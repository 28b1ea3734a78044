import { describe, expect, it } from "vitest";
import { encodeBase64 } from "../src/base64.ts";
import { addSignature } from "../src/sign.ts";
import { POLICY_TYPE, ROOT_TYPE, VERIFY_LIMITS, type PolicyEnvelope } from "../src/verify.ts";
import {
  at,
  bytesOf,
  host,
  key,
  NOW,
  policy,
  POLICY,
  POLICY_KEYS,
  root,
  ROOT_KEYS,
  sealed,
  text,
  type Host,
} from "./world.ts";

const metadataOf = (envelope: PolicyEnvelope) => Buffer.from(envelope.payload, "base64").toString();

describe("openDelivery", () => {
  describe("when all is right", () => {
    it("hands over the parts as they were signed, and remembers the version", () => {
      const here = host();
      const rubric = text("weights:\n  no_sandbox: 3\n");
      const verdict = here.open({ policy: policy({ version: 4, rubric }) });
      expect(verdict).toMatchObject({
        kind: "accepted",
        policy: {
          version: 4,
          issued: at(-1),
          expires: at(90),
          audience: { tenant: "acme", platform: "any" },
          digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
          keyids: [POLICY_KEYS[0].keyid],
          parts: { policy: POLICY, rubric },
        },
        state: { policy_version: 4, highest_time: at(-1) },
      });
      expect(verdict.state.policy_digest).toBe(
        verdict.kind === "accepted" ? verdict.policy.digest : "",
      );
    });

    it("is unchanged when it comes again, also after it has expired", () => {
      const here = host();
      const envelope = policy({ version: 4 });
      expect(here.say({ policy: envelope })).toBe("accepted");
      const before = here.state;
      expect(here.say({ policy: envelope })).toBe("unchanged");
      here.now = NOW + 400 * 86_400_000;
      expect(here.say({ policy: envelope })).toBe("unchanged");
      expect(here.state).toEqual(before);
    });

    it("is unchanged when there is no policy to serve", () => {
      expect(host().say({ policy: null })).toBe("unchanged");
    });
  });

  describe("when a key is not one that counts", () => {
    it("unknown_key: a key the trust root does not have", () => {
      expect(host().say({ policy: policy({}, [key(99)]) })).toBe("unknown_key");
    });

    it("bad_signature: a strange key under a known key's name", () => {
      const foreign = policy({}, [key(99)]);
      const [signature] = foreign.signatures;
      const named = { ...signature, sig: signature?.sig ?? "", keyid: POLICY_KEYS[0].keyid };
      expect(host().say({ policy: { ...foreign, signatures: [named] } })).toBe("bad_signature");
    });

    it("inactive_key: a key of another role", () => {
      expect(host().say({ policy: policy({}, [ROOT_KEYS[0]]) })).toBe("inactive_key");
    });

    it("inactive_key: a key before and after its time", () => {
      const [{ keyid }] = POLICY_KEYS;
      const later = root({ validity: { [keyid]: { not_before: at(1) } } });
      expect(host(later).say({ policy: policy() })).toBe("inactive_key");
      const over = root({ validity: { [keyid]: { not_after: at(0, -1) } } });
      expect(host(over).say({ policy: policy() })).toBe("inactive_key");
      const within = root({ validity: { [keyid]: { not_before: at(-2), not_after: at(2) } } });
      expect(host(within).say({ policy: policy() })).toBe("accepted");
    });

    it("inactive_key: a key that has left the role with the trust root in the same delivery", () => {
      const roles = {
        root: { keys: [ROOT_KEYS[0]], threshold: 1 },
        policy: { keys: [POLICY_KEYS[1]], threshold: 1 },
      };
      const here = host();
      expect(here.say({ roots: [root({ version: 2, roles })], policy: policy() })).toBe(
        "inactive_key",
      );
      expect(here.state.root_version).toBe(2);
      const next = policy({}, [POLICY_KEYS[1]]);
      expect(here.say({ policy: next })).toBe("accepted");
    });

    it("takes a signature under any keyid, since that is a hint", () => {
      const envelope = policy();
      const [signature] = envelope.signatures;
      for (const keyid of ["", "nobody", ROOT_KEYS[0].keyid]) {
        const signatures = [{ sig: signature?.sig ?? "", keyid }];
        expect(host().say({ policy: { ...envelope, signatures } })).toBe("accepted");
      }
    });
  });

  describe("when signatures are not good or not enough", () => {
    const two = root({
      roles: {
        root: { keys: [ROOT_KEYS[0]], threshold: 1 },
        policy: { keys: POLICY_KEYS, threshold: 2 },
      },
    });

    it("bad_signature: one that was changed", () => {
      const envelope = policy();
      const other = policy({ version: 2 });
      expect(host().say({ policy: { ...envelope, signatures: other.signatures } })).toBe(
        "bad_signature",
      );
    });

    it("bad_signature: one that is no signature", () => {
      const [{ keyid }] = POLICY_KEYS;
      for (const sig of ["", "AAAA", "not base64", encodeBase64(new Uint8Array(64))]) {
        const envelope = { ...policy(), signatures: [{ keyid, sig }] };
        expect(host().say({ policy: envelope })).toBe("bad_signature");
      }
    });

    it("bad_signature: over another type, since the type is signed too", () => {
      const rooted = sealed(ROOT_TYPE, metadataOf(policy()), [POLICY_KEYS[0]], policy().parts);
      expect(host().say({ policy: { ...rooted, payloadType: POLICY_TYPE } })).toBe("bad_signature");
    });

    it("below_threshold: one of two, none of one", () => {
      expect(host(two).say({ policy: policy({}, [POLICY_KEYS[1]]) })).toBe("below_threshold");
      expect(host(two).say({ policy: policy({}, [...POLICY_KEYS]) })).toBe("accepted");
      expect(host().say({ policy: policy({}, []) })).toBe("below_threshold");
    });

    it("below_threshold: one of two and one of a stranger", () => {
      const verdict = host(two).open({ policy: policy({}, [POLICY_KEYS[0], key(99)]) });
      expect(verdict).toMatchObject({ kind: "rejected", reason: "below_threshold" });
    });

    it("duplicate_key: one key twice is not two keys", () => {
      const envelope = policy({}, [POLICY_KEYS[0]]);
      const [signature] = envelope.signatures;
      const again = { sig: signature?.sig ?? "", keyid: POLICY_KEYS[1].keyid };
      const twice = { ...envelope, signatures: [...envelope.signatures, again] };
      expect(host(two).say({ policy: twice })).toBe("duplicate_key");
      expect(host().say({ policy: twice })).toBe("duplicate_key");
    });

    it("too_large: more signatures to try than anyone needs", () => {
      const signatures = Array.from({ length: 20 }, (_, n) => ({
        keyid: "",
        sig: encodeBase64(new Uint8Array(64).fill(n + 2)),
      }));
      const limits = { ...VERIFY_LIMITS, attempts_max: 30 };
      expect(host().say({ policy: { ...policy(), signatures } }, { limits })).toBe("too_large");
    });
  });

  describe("when it is older than what was accepted", () => {
    it("rollback: a lower version, however fresh", () => {
      const here = host();
      expect(here.say({ policy: policy({ version: 7 }) })).toBe("accepted");
      expect(here.say({ policy: policy({ version: 6, issued: at(0) }) })).toBe("rollback");
      expect(here.state.policy_version).toBe(7);
      expect(here.say({ policy: policy({ version: 8 }) })).toBe("accepted");
    });

    it("same_version_other_bytes: another policy under the same number", () => {
      const here = host();
      here.open({ policy: policy({ version: 7 }) });
      const other = policy({ version: 7, policy: text("version: 1\n") });
      expect(here.say({ policy: other })).toBe("same_version_other_bytes");
    });

    it("remembers across restarts, through JSON", () => {
      const here = host();
      here.open({ policy: policy({ version: 7 }) });
      const again = host();
      again.state = JSON.parse(JSON.stringify(here.state)) as Host["state"];
      expect(again.say({ policy: policy({ version: 6 }) })).toBe("rollback");
    });
  });

  describe("when its time is not now", () => {
    it("expired: at the very millisecond", () => {
      const envelope = policy({ expires: at(0) });
      expect(host().say({ policy: envelope })).toBe("expired");
      const here = host();
      here.now = NOW - 1;
      expect(here.say({ policy: envelope })).toBe("accepted");
    });

    it("not_yet_valid: issued later than two honest clocks may differ", () => {
      expect(host().say({ policy: policy({ issued: at(0, 300_001) }) })).toBe("not_yet_valid");
      expect(host().say({ policy: policy({ issued: at(0, 300_000) }) })).toBe("accepted");
    });

    it("clock_set_back: now is before something accepted was signed", () => {
      const here = host();
      here.open({ policy: policy({ version: 2, issued: at(-1), expires: at(90) }) });
      here.now = Date.parse(at(-1)) - 300_001;
      const old = policy({ version: 3, issued: at(-20), expires: at(-10) });
      expect(here.say({ policy: old })).toBe("clock_set_back");
      here.now += 1;
      expect(here.say({ policy: policy({ version: 3 }) })).toBe("accepted");
    });

    it("clock_set_back: on a new host too, whose trust root has a time", () => {
      const here = host();
      here.now = 0;
      expect(here.say({ policy: policy() })).toBe("clock_set_back");
    });
  });

  describe("when it is for others", () => {
    const groups = ["eng", "laptops"];
    it.each([
      ["another tenant", { tenant: "other", platform: "any" as const }, "wrong_audience"],
      [
        "another group",
        { tenant: "acme", groups: ["ops"], platform: "any" as const },
        "wrong_audience",
      ],
      [
        "another host",
        { tenant: "acme", hosts: ["host-2"], platform: "any" as const },
        "wrong_audience",
      ],
      ["another platform", { tenant: "acme", platform: "windows" as const }, "wrong_audience"],
      ["a tenant of another case", { tenant: "Acme", platform: "any" as const }, "wrong_audience"],
      [
        "one of its groups",
        { tenant: "acme", groups: ["ops", "eng"], platform: "any" as const },
        "accepted",
      ],
      [
        "its id, another group",
        { tenant: "acme", groups: ["ops"], hosts: ["host-1"], platform: "any" as const },
        "accepted",
      ],
      ["its platform", { tenant: "acme", platform: "linux" as const }, "accepted"],
    ])("%s", (_what, audience, outcome) => {
      expect(host(root(), groups).say({ policy: policy({ audience }) })).toBe(outcome);
    });
  });

  describe("when parts are mixed", () => {
    const rubric = text("weights: {}\n");
    const whole = policy({ rubric });
    const other = policy({
      policy: text("version: 1\nknown_hosts: []\n"),
      rubric: text("weights:\n"),
    });
    it.each([
      ["a policy of another envelope", { ...whole.parts, policy: other.parts["policy"] ?? "" }],
      ["a rubric of another envelope", { ...whole.parts, rubric: other.parts["rubric"] ?? "" }],
      ["no rubric", { policy: whole.parts["policy"] ?? "" }],
      ["no policy", { rubric: whole.parts["rubric"] ?? "" }],
      ["a part too many", { ...whole.parts, extra: "AAAA" }],
      ["a part of an inherited name", { ...whole.parts, toString: "AAAA" }],
      [
        "swapped parts",
        { policy: whole.parts["rubric"] ?? "", rubric: whole.parts["policy"] ?? "" },
      ],
    ])("part_mismatch: %s", (_what, parts) => {
      expect(host().say({ policy: { ...whole, parts } })).toBe("part_mismatch");
    });

    it("part_mismatch: a rubric that was not signed", () => {
      const plain = policy();
      const parts = { ...plain.parts, rubric: whole.parts["rubric"] ?? "" };
      expect(host().say({ policy: { ...plain, parts } })).toBe("part_mismatch");
    });

    it("part_mismatch: also when the policy is known already", () => {
      const here = host();
      here.open({ policy: whole });
      const parts = { ...whole.parts, policy: other.parts["policy"] ?? "" };
      expect(here.say({ policy: { ...whole, parts } })).toBe("part_mismatch");
    });
  });

  describe("when it is something else", () => {
    it("wrong_type: a trust root for a policy, a policy for a trust root, a stranger", () => {
      const asPolicy = { ...root(), parts: {} };
      expect(host().say({ policy: asPolicy })).toBe("wrong_type");
      expect(host().say({ roots: [policy()] })).toBe("wrong_type");
      const stranger = sealed("application/vnd.in-toto+json", "{}", [POLICY_KEYS[0]]);
      expect(host().say({ policy: stranger })).toBe("wrong_type");
    });

    it.each([
      ["nothing", ""],
      ["no JSON", "policy"],
      ["cut off", '{"schema_version":1,"roots":[],"policy":'],
      ["a list", "[]"],
      ["another version", '{"schema_version":2,"roots":[],"policy":null}'],
      ["no roots", '{"schema_version":1,"policy":null}'],
      ["roots that are none", '{"schema_version":1,"roots":[7],"policy":null}'],
      ["nothing in the policy", '{"schema_version":1,"roots":[],"policy":{}}'],
    ])("malformed: %s", (_what, content) => {
      expect(host().say(bytesOf(content))).toBe("malformed");
    });

    it("malformed: bytes that are not UTF-8", () => {
      expect(host().say(new Uint8Array([0x22, 0xff, 0x22]))).toBe("malformed");
    });

    it("malformed: base64 in a second spelling", () => {
      const envelope = policy();
      const spellings = [
        `${envelope.payload}\n`,
        envelope.payload.replaceAll("=", ""),
        `${envelope.payload}====`,
        `-${envelope.payload.slice(1)}`,
      ].filter((payload) => payload !== envelope.payload);
      for (const payload of spellings)
        expect(host().say({ policy: { ...envelope, payload } })).toBe("malformed");
    });

    it.each([
      ["is no YAML", "version: [1"],
      ["has an alias", "version: &v 1\nissued: *v\n"],
      ["has a key twice", "version: 1\nversion: 2\n"],
      ["has no version", "issued: x\n"],
    ])("malformed: signed metadata that %s", (_what, payload) => {
      expect(host().say({ policy: sealed(POLICY_TYPE, payload, [POLICY_KEYS[0]]) })).toBe(
        "malformed",
      );
    });

    it.each([
      ["version: 1", "version: 0"],
      ["version: 1", "version: 1.5"],
      ["version: 1", "version: 9007199254740992"],
      ["version: 1", 'version: "1"'],
      ["version: 1", "version: 1\nextra: 1"],
      ["  platform: any", "  platform: any\n  groups: [&g eng, *g]"],
      ["  platform: any", "  platform: any\n  groups: []"],
      ["  platform: any", "  platform: any\n  hosts: []"],
      ["  platform: any", "  platform: beos"],
      ["  tenant: acme", ""],
      [at(90), at(-1)],
      [at(90), "2027-02-30T00:00:00Z"],
      [at(90), "2027-04-01"],
      [at(90), "2027-04-01T00:00:00+02:00"],
      ["bytes: 23", "bytes: -23"],
      ["digest: sha256:", "digest: md5:"],
    ])("malformed: signed metadata in which %j is %j", (from, to) => {
      const good = policy();
      const changed = metadataOf(good).replace(from, to);
      expect(changed).not.toBe(metadataOf(good));
      const envelope = sealed(POLICY_TYPE, changed, [POLICY_KEYS[0]], good.parts);
      expect(host(root(), ["eng"]).say({ policy: envelope })).toBe("malformed");
    });

    it("malformed: signed metadata that is not UTF-8", () => {
      const payload = encodeBase64(new Uint8Array([0x23, 0xff]));
      const unsigned = { payloadType: POLICY_TYPE, payload, signatures: [], parts: {} };
      expect(host().say({ policy: addSignature(unsigned, POLICY_KEYS[0]) })).toBe("malformed");
    });

    it("malformed: a part that is not UTF-8, though it is signed", () => {
      const good = policy();
      const bytes = new Uint8Array(POLICY).fill(0xff);
      const parts = { policy: encodeBase64(bytes) };
      expect(host().say({ policy: { ...good, parts } })).toBe("malformed");
    });
  });

  describe("when it is too large", () => {
    it("too_large: before anything is parsed", () => {
      const huge = new Uint8Array(VERIFY_LIMITS.delivery_max_bytes + 1).fill(0x5b);
      expect(host().say(huge)).toBe("too_large");
    });

    it.each([
      ["nested", "[".repeat(200_000)],
      ["wide", `[${"{},".repeat(200_000)}{}]`],
      ["hidden behind strings", `["\\"","\\\\",${"[],".repeat(20_000)}[]]`],
    ])("too_large: %s deeper or wider than any delivery", (_what, content) => {
      expect(host().say(bytesOf(content))).toBe("too_large");
    });

    it("does not take what stands in a string for structure", () => {
      const envelope = policy();
      const [signature] = envelope.signatures;
      const keyid = '",[{\\'.repeat(40);
      const signatures = [{ sig: signature?.sig ?? "", keyid }];
      const limits = { ...VERIFY_LIMITS, delivery_max_tokens: 20 };
      expect(host().say({ policy: { ...envelope, signatures } }, { limits })).toBe("accepted");
    });

    it.each([
      ["signatures", { signatures_max: 0 }],
      ["a part", { part_max_bytes: 22 }],
      ["metadata", { metadata_max_bytes: 100 }],
    ] as const)("too_large: %s over the limit", (_what, changes) => {
      const limits = { ...VERIFY_LIMITS, ...changes };
      expect(host().say({ policy: policy() }, { limits })).toBe("too_large");
      expect(host().say({ policy: policy() })).toBe("accepted");
    });

    it("too_large: more trust roots, or larger ones", () => {
      const one = { roots: [root()] };
      expect(host().say(one, { limits: { ...VERIFY_LIMITS, roots_max: 0 } })).toBe("too_large");
      const [first, rest] = [root(), { policy: null }];
      const here = host(first);
      const big = sealed(ROOT_TYPE, " ".repeat(VERIFY_LIMITS.root_max_bytes + 1), []);
      expect(here.say({ roots: [big], ...rest })).toBe("too_large");
    });
  });

  describe("when several things are wrong", () => {
    it("names the first of: size, form, type, clock, trust roots, signatures, audience, age", () => {
      const here = host();
      here.open({ policy: policy({ version: 5 }) });
      const wrong = policy({
        version: 1,
        expires: at(0),
        audience: { tenant: "x", platform: "any" },
      });
      const foreign = { ...wrong, signatures: policy({}, [key(99)]).signatures };
      const gap = root({ version: 9 });
      expect(here.say({ roots: [gap], policy: foreign }, { now: 0 })).toBe("clock_set_back");
      expect(here.say({ roots: [gap], policy: foreign })).toBe("root_gap");
      expect(here.say({ policy: foreign })).toBe("unknown_key");
      expect(here.say({ policy: wrong })).toBe("wrong_audience");
      expect(here.say({ policy: policy({ version: 1, expires: at(0) }) })).toBe("rollback");
      expect(here.say({ policy: policy({ version: 6, expires: at(0) }) })).toBe("expired");
    });
  });
});
