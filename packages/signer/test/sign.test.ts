import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  addSignature,
  deliveryText,
  envelopeText,
  makeRoot,
  readSealed,
  sealRoot,
  trustText,
} from "../src/sign.ts";
import { POLICY_TYPE, VERIFY_LIMITS } from "../src/verify.ts";
import {
  at,
  key,
  policy,
  POLICY,
  POLICY_KEYS,
  root,
  rootContents,
  ROOT_KEYS,
  text,
} from "./world.ts";

const code = (name: string) => expect.objectContaining({ code: `SIGIL_SIGNER_${name}` }) as Error;
const [R1] = ROOT_KEYS;
const [P1, P2] = POLICY_KEYS;

describe("sealPolicy", () => {
  it("makes a DSSE envelope, its parts beside it", () => {
    const envelope = policy({ rubric: text("weights: {}\n") });
    expect(Object.keys(envelope)).toEqual(["payloadType", "payload", "signatures", "parts"]);
    expect(envelope.payloadType).toBe(POLICY_TYPE);
    expect(envelope.signatures).toEqual([{ keyid: P1.keyid, sig: expect.any(String) as string }]);
    const metadata = parse(Buffer.from(envelope.payload, "base64").toString()) as object;
    expect(metadata).toEqual({
      version: 1,
      issued: at(-1),
      expires: at(90),
      audience: { tenant: "acme", platform: "any" },
      parts: {
        policy: { digest: expect.stringMatching(/^sha256:/) as string, bytes: POLICY.length },
        rubric: { digest: expect.stringMatching(/^sha256:/) as string, bytes: 12 },
      },
    });
  });

  it.each([
    ["a version of 0", { version: 0 }, "POLICY_INVALID"],
    ["an end before the beginning", { expires: at(-2) }, "POLICY_INVALID"],
    ["a time without a zone", { issued: "2027-01-01T00:00:00" }, "POLICY_INVALID"],
    ["a tenant with a space", { audience: { tenant: "a b", platform: "any" } }, "POLICY_INVALID"],
    [
      "no groups at all",
      { audience: { tenant: "a", groups: [], platform: "any" } },
      "POLICY_INVALID",
    ],
    ["bytes that are not UTF-8", { policy: new Uint8Array([0xff]) }, "POLICY_INVALID"],
    ["a part too large", { rubric: new Uint8Array(VERIFY_LIMITS.part_max_bytes + 1) }, "TOO_LARGE"],
    [
      "more groups than fit",
      {
        audience: {
          tenant: "a",
          groups: Array.from({ length: 9000 }, (_, n) => `group-${n}`),
          platform: "any",
        },
      },
      "TOO_LARGE",
    ],
  ] as const)("refuses %s", (_what, changes, name) => {
    expect(() => policy(changes as Parameters<typeof policy>[0])).toThrow(code(name));
  });
});

describe("addSignature", () => {
  it("adds one over the same bytes and leaves the others", () => {
    const envelope = policy();
    const both = addSignature(envelope, P2);
    expect(both).toEqual({ ...envelope, signatures: [...envelope.signatures, both.signatures[1]] });
    expect(both).toEqual(policy({}, [P1, P2]));
  });

  it("refuses a key that has signed, whatever name its signature has", () => {
    const envelope = policy();
    const renamed = {
      ...envelope,
      signatures: envelope.signatures.map((one) => ({ ...one, keyid: "x" })),
    };
    expect(() => addSignature(renamed, P1)).toThrow(code("ALREADY_SIGNED"));
  });

  it("refuses more than hosts take", () => {
    const full = Array.from({ length: VERIFY_LIMITS.signatures_max }, () => ({
      keyid: "",
      sig: "",
    }));
    expect(() => addSignature({ ...policy(), signatures: full }, P1)).toThrow(code("TOO_LARGE"));
  });

  it("refuses a payload that is no base64", () => {
    expect(() => addSignature({ ...policy(), payload: "!" }, P1)).toThrow(code("ENVELOPE_INVALID"));
  });
});

describe("makeRoot", () => {
  it("has each key once, also one of both roles", () => {
    const document = makeRoot(
      rootContents({
        roles: { root: { keys: [R1, R1], threshold: 1 }, policy: { keys: [R1], threshold: 1 } },
      }),
    );
    expect(Object.keys(document.keys)).toEqual([R1.keyid]);
    expect(document.roles.root.keyids).toEqual([R1.keyid]);
  });

  it("keeps a key's window", () => {
    const validity = { [P1.keyid]: { not_after: at(5) } };
    expect(makeRoot(rootContents({ validity })).keys[P1.keyid]).toMatchObject({ not_after: at(5) });
  });

  it("has the largest trust root in the bounds that hosts have", () => {
    const many = { keys: Array.from({ length: 64 }, (_, n) => key(n + 20)), threshold: 64 };
    const until = { not_before: at(-1), not_after: at(1) };
    const validity = Object.fromEntries(many.keys.map(({ keyid }) => [keyid, until]));
    const document = makeRoot(rootContents({ roles: { root: many, policy: many }, validity }));
    const { payload } = sealRoot(document, []);
    expect(Buffer.from(payload, "base64").length).toBeLessThan(VERIFY_LIMITS.root_max_bytes);
  });

  const role = (count: number, threshold: number) => ({
    keys: Array.from({ length: count }, (_, n) => key(n + 20)),
    threshold,
  });
  it.each([
    ["no keys", { roles: { root: role(0, 1), policy: role(1, 1) } }],
    ["a threshold of none", { roles: { root: role(1, 0), policy: role(1, 1) } }],
    ["a threshold over its keys", { roles: { root: role(1, 1), policy: role(2, 3) } }],
    [
      "one key twice for two",
      { roles: { root: { keys: [R1, R1], threshold: 2 }, policy: role(1, 1) } },
    ],
    ["an end before the beginning", { expires: at(-40) }],
    ["a version of 0", { version: 0 }],
    ["more keys than hosts take", { roles: { root: role(65, 1), policy: role(1, 1) } }],
  ])("refuses %s", (_what, changes) => {
    expect(() => makeRoot(rootContents(changes))).toThrow(code("ROOT_INVALID"));
    expect(() => sealRoot({ ...makeRoot(rootContents()), version: 0 }, [R1])).toThrow(
      code("ROOT_INVALID"),
    );
  });
});

describe("trustText", () => {
  it("refuses a trust root that hosts would not believe", () => {
    expect(() => trustText(root({}, []), "acme", [])).toThrow(code("ENVELOPE_INVALID"));
    expect(() => trustText(policy(), "acme", [])).toThrow(code("ENVELOPE_INVALID"));
    expect(() => trustText(root(), "a b", [])).toThrow(code("ENVELOPE_INVALID"));
  });
});

describe("deliveryText", () => {
  it("puts trust roots in order", () => {
    const [one, two] = [root(), root({ version: 2 })];
    expect(deliveryText([two, one], null)).toBe(deliveryText([one, two], null));
  });

  it("refuses a chain with a gap, or two of one version", () => {
    expect(() => deliveryText([root(), root({ version: 3 })], null)).toThrow(
      code("ENVELOPE_INVALID"),
    );
    expect(() => deliveryText([root(), root()], null)).toThrow(code("ENVELOPE_INVALID"));
  });

  it("refuses what is no trust root, and what hosts would not take", () => {
    expect(() => deliveryText([policy()], null)).toThrow(code("ENVELOPE_INVALID"));
    const many = Array.from({ length: VERIFY_LIMITS.roots_max + 1 }, () => root());
    expect(() => deliveryText(many, null)).toThrow(code("TOO_LARGE"));
    const big = { policy: new Uint8Array(VERIFY_LIMITS.part_max_bytes).fill(0x20) };
    const large = policy({ ...big, rubric: big.policy });
    expect(() => deliveryText([], large)).toThrow(code("TOO_LARGE"));
  });
});

describe("readSealed", () => {
  it("tells the three kinds apart", () => {
    const kindOf = (content: string) => {
      const read = readSealed(text(content));
      return typeof read === "string" ? read : read.kind;
    };
    expect(kindOf(envelopeText(policy()))).toBe("policy");
    expect(kindOf(envelopeText(root()))).toBe("root");
    expect(kindOf(deliveryText([root()], policy()))).toBe("delivery");
    expect(kindOf("{")).toBe("it is not JSON");
    expect(kindOf(JSON.stringify({ ...root(), payloadType: "x" }))).toBe(
      "its payloadType is unknown",
    );
    expect(kindOf(JSON.stringify({ ...root(), signatures: 1 }))).toMatch(/^signatures: /);
  });
});
