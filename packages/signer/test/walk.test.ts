import { describe, expect, it } from "vitest";
import { keyidOf } from "../src/key.ts";
import { ROOT_TYPE, type Envelope } from "../src/verify.ts";
import type { RootContents, SecretKey } from "../src/sign.ts";
import { at, host, key, NOW, policy, POLICY_KEYS, root, ROOT_KEYS, sealed, text } from "./world.ts";

const [R1, R2, R3] = ROOT_KEYS;
const [P1, P2] = POLICY_KEYS;

function roles(
  rootKeys: readonly SecretKey[],
  threshold = 1,
  policyKeys: readonly SecretKey[] = [P1],
): RootContents["roles"] {
  return {
    root: { keys: rootKeys, threshold },
    policy: { keys: policyKeys, threshold: 1 },
  };
}

/** The neutral point, which is of order 1. */
const IDENTITY = new Uint8Array(32).fill(1, 0, 1);

/** Trust roots 1 to `count`, the first two years old, all of the same keys. */
function chain(count: number, changes: Partial<RootContents> = {}): Envelope[] {
  return Array.from({ length: count }, (_, index) =>
    root({ version: index + 1, issued: at(index - 800), expires: at(index - 400), ...changes }),
  );
}

describe("openDelivery over trust roots", () => {
  describe("when each is signed by its predecessor and by itself", () => {
    it("walks one by one to the newest and believes its policy keys", () => {
      const second = root({ version: 2, roles: roles([R2], 1, [P2]) }, [R1, R2]);
      const third = root({ version: 3, roles: roles([R3], 1, [P2]) }, [R2, R3]);
      const here = host();
      const next = policy({}, [P2]);
      expect(here.say({ roots: [root(), second, third], policy: next })).toBe("accepted");
      expect(here.state.root_version).toBe(3);
    });

    it("takes those on the way although they have expired, but not the last one", () => {
      const [first, ...rest] = chain(4);
      const here = host(first);
      expect(here.say({ roots: rest, policy: policy() })).toBe("root_expired");
      expect(here.state.root_version).toBe(4);
      expect(here.say({ roots: [root({ version: 5 })], policy: policy() })).toBe("accepted");
    });

    it("keeps how far it came when a later step is refused", () => {
      const here = host();
      const second = root({ version: 2 });
      const forged = root({ version: 3, roles: roles([R3]) }, [R3]);
      expect(here.say({ roots: [second, forged], policy: policy() })).toBe("unknown_key");
      expect(here.state.root_version).toBe(2);
    });

    it("asks the keys for their time when they signed, not for today's", () => {
      const validity = { [R1.keyid]: { not_after: at(-10) } };
      const first = root({ issued: at(-30), validity });
      const here = host(first);
      const second = root({ version: 2, issued: at(-11), roles: roles([R2]) }, [R1, R2]);
      expect(here.say({ roots: [second] })).toBe("unchanged");
      const late = root({ version: 2, issued: at(-9), roles: roles([R2]) }, [R1, R2]);
      expect(host(first).say({ roots: [late] })).toBe("inactive_key");
    });
  });

  describe("when a handover is not signed by both sides", () => {
    const two = { roles: roles([R1, R2], 2) };

    it("refuses one that the old keys have not signed", () => {
      const stolen = root({ version: 2, roles: roles([key(66)]) }, [key(66)]);
      expect(host().say({ roots: [stolen] })).toBe("unknown_key");
    });

    it("refuses one that the new keys have not signed", () => {
      const unproven = root({ version: 2, roles: roles([R2]) }, [R1]);
      expect(host().say({ roots: [unproven] })).toBe("below_threshold");
    });

    it("asks for the whole threshold of the old keys", () => {
      const first = root(two, [R1, R2]);
      const half = root({ version: 2, roles: roles([R3]) }, [R1, R3]);
      expect(host(first).say({ roots: [half] })).toBe("below_threshold");
      const whole = root({ version: 2, roles: roles([R3]) }, [R1, R2, R3]);
      expect(host(first).say({ roots: [whole] })).toBe("unchanged");
    });

    it("asks for the whole threshold of the new keys", () => {
      const half = root({ version: 2, roles: roles([R1, R2], 2) }, [R1]);
      expect(host().say({ roots: [half] })).toBe("below_threshold");
    });

    it("duplicate_key: one old key does not count twice", () => {
      const first = root(two, [R1, R2]);
      const once = root({ version: 2, ...two }, [R1]);
      const [signature] = once.signatures;
      const twice = {
        ...once,
        signatures: [...once.signatures, { ...signature, keyid: "", sig: signature?.sig ?? "" }],
      };
      expect(host(first).say({ roots: [twice] })).toBe("duplicate_key");
    });
  });

  describe("when one is older than what is known", () => {
    const here = () => {
      const one = host();
      one.open({ roots: [root({ version: 2 }), root({ version: 3 })] });
      return one;
    };

    it("skips those on the way to the one it knows", () => {
      const roots = [root(), root({ version: 2 }), root({ version: 3 })];
      expect(here().say({ roots, policy: policy() })).toBe("accepted");
    });

    it("root_rollback: the newest one is older than the known", () => {
      const replayed = here();
      expect(replayed.say({ roots: [root(), root({ version: 2 })], policy: policy() })).toBe(
        "root_rollback",
      );
      expect(replayed.state.root_version).toBe(3);
    });

    it("root_rollback: another one of the same version, though well signed", () => {
      const other = root({ version: 3, expires: at(999) });
      expect(here().say({ roots: [other] })).toBe("root_rollback");
    });

    it("root_rollback: an old one after a newer one", () => {
      const roots = [root({ version: 2 }), root({ version: 3 }), root()];
      expect(host().say({ roots })).toBe("root_rollback");
      expect(host().say({ roots: [root({ version: 2 }), root({ version: 2 })] })).toBe(
        "root_rollback",
      );
    });
  });

  describe("when one is missing or makes no sense", () => {
    it("root_gap: none may be left out, though the same keys signed", () => {
      const here = host();
      expect(here.say({ roots: [root({ version: 3 })] })).toBe("root_gap");
      expect(here.say({ roots: [root({ version: 2 }), root({ version: 4 })] })).toBe("root_gap");
      expect(here.state.root_version).toBe(2);
    });

    it("not_yet_valid: one from the future, which would stop the clock check", () => {
      const here = host();
      expect(here.say({ roots: [root({ version: 2, issued: at(1) })] })).toBe("not_yet_valid");
      expect(here.state.root_version).toBe(1);
      here.now = NOW + 86_400_000;
      expect(here.say({ roots: [root({ version: 2, issued: at(1) })] })).toBe("unchanged");
    });

    const payload = (changes: (document: Record<string, unknown>) => void): string => {
      const envelope = root({ version: 2 });
      const document = JSON.parse(Buffer.from(envelope.payload, "base64").toString()) as Record<
        string,
        unknown
      >;
      changes(document);
      return JSON.stringify(document);
    };
    const role = (keyids: unknown, threshold: unknown) => ({
      root: { keyids: [R1.keyid], threshold: 1 },
      policy: { keyids, threshold },
    });

    it.each([
      ["no JSON", () => "root"],
      ["no version", () => "{}"],
      ["an unknown field", () => payload((root2) => void (root2["extra"] = 1))],
      ["no keys", () => payload((root2) => void (root2["keys"] = {}))],
      ["no key in a role", () => payload((root2) => void (root2["roles"] = role([], 1)))],
      [
        "a threshold of none",
        () => payload((root2) => void (root2["roles"] = role([P1.keyid], 0))),
      ],
      [
        "a threshold over its keys",
        () => payload((root2) => void (root2["roles"] = role([P1.keyid], 2))),
      ],
      [
        "a key named twice",
        () => payload((root2) => void (root2["roles"] = role([P1.keyid, P1.keyid], 2))),
      ],
      ["an end before its beginning", () => payload((root2) => void (root2["expires"] = at(-40)))],
      [
        "a key under another name",
        () =>
          payload((root2) => {
            const keys = root2["keys"] as Record<string, unknown>;
            keys[P1.keyid] = keys[R1.keyid];
          }),
      ],
      [
        "a key of small order",
        () =>
          payload((root2) => {
            const keys = root2["keys"] as Record<string, unknown>;
            keys[keyidOf(IDENTITY)] = {
              algorithm: "ed25519",
              public: Buffer.from(IDENTITY).toString("base64"),
            };
          }),
      ],
      [
        "another algorithm",
        () =>
          payload((root2) => {
            const keys = root2["keys"] as Record<string, Record<string, unknown>>;
            Object.assign(keys[P1.keyid] ?? {}, { algorithm: "rsa" });
          }),
      ],
    ])("malformed: a trust root with %s, though its keys signed it", (_what, make) => {
      expect(host().say({ roots: [sealed(ROOT_TYPE, make(), [R1])] })).toBe("malformed");
    });
  });

  describe("when a key leaves the policy role", () => {
    const stolen = policy({ version: 2 ** 53 - 1 });
    const rotated = root({ version: 2, roles: roles([R1], 1, [P2]) });

    it("begins counting again: a stolen key cannot use up all versions", () => {
      const here = host();
      expect(here.say({ policy: stolen })).toBe("accepted");
      expect(here.say({ policy: policy({ version: 2 }) })).toBe("rollback");
      expect(here.say({ roots: [rotated], policy: policy({ version: 2 }, [P2]) })).toBe("accepted");
      expect(here.state).toMatchObject({ root_version: 2, policy_version: 2 });
    });

    it("does so also when the trust root comes alone", () => {
      const here = host();
      here.open({ policy: stolen });
      expect(here.say({ roots: [rotated] })).toBe("unchanged");
      expect(here.state).toMatchObject({ policy_version: 0, policy_digest: null });
      expect(here.say({ policy: stolen })).toBe("inactive_key");
    });

    it("does not begin again when keys only join: older policies stay refused", () => {
      const here = host();
      here.open({ policy: policy({ version: 7 }) });
      const joined = root({ version: 2, roles: roles([R1], 1, [P1, P2]) });
      expect(here.say({ roots: [joined], policy: policy({ version: 6 }) })).toBe("rollback");
    });

    it("does not begin again when only root keys change", () => {
      const here = host();
      here.open({ policy: policy({ version: 7 }) });
      const moved = root({ version: 2, roles: roles([R2]) }, [R1, R2]);
      expect(here.say({ roots: [moved], policy: policy({ version: 6 }) })).toBe("rollback");
    });
  });

  it("keeps nothing of a delivery whose form is wrong", () => {
    const here = host();
    const before = here.state;
    here.open(text('{"schema_version":1,"roots":[{}],"policy":null}'));
    expect(here.state).toBe(before);
  });
});
