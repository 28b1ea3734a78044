import { describe, expect, it } from "vitest";
import { trustText } from "../src/sign.ts";
import {
  parseState,
  readTrust,
  reopen,
  rootOf,
  startState,
  type TrustState,
} from "../src/verify.ts";
import {
  at,
  bytesOf,
  host,
  NOW,
  policy,
  POLICY_KEYS,
  root,
  ROOT_KEYS,
  served,
  text,
} from "./world.ts";

const [R1] = ROOT_KEYS;
const [P1, P2] = POLICY_KEYS;
const roundTrip = (state: unknown) => parseState(text(JSON.stringify(state)));
const trust = (envelope = root(), tenant = "acme") =>
  readTrust(text(trustText(envelope, tenant, ["eng"])));

describe("readTrust", () => {
  it("reads what `trustText` writes", () => {
    const read = trust();
    expect(read).toMatchObject({ tenant: "acme", groups: ["eng"] });
    expect(read.root.document.version).toBe(1);
    expect([...read.root.keys.keys()].toSorted()).toEqual([R1.keyid, P1.keyid].toSorted());
  });

  it("takes an expired trust root, whose successor may be on its way", () => {
    const old = root({ issued: at(-900), expires: at(-500) });
    expect(trust(old).root.document.expires).toBe(at(-500));
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "trust"],
    ["no tenant", JSON.stringify({ schema_version: 1, groups: [], root: root() })],
    ["a tenant with a space", JSON.stringify({ schema_version: 1, tenant: "a b", root: root() })],
    ["an unknown key", JSON.stringify({ schema_version: 1, tenant: "a", root: root(), keys: [] })],
    ["another version", JSON.stringify({ schema_version: 2, tenant: "a", root: root() })],
    ["a policy for a root", JSON.stringify({ schema_version: 1, tenant: "a", root: policy() })],
    ["an unsigned root", JSON.stringify({ schema_version: 1, tenant: "a", root: root({}, []) })],
    [
      "a root that is no base64",
      JSON.stringify({ schema_version: 1, tenant: "a", root: { ...root(), payload: "!" } }),
    ],
    [
      "a root that is no root",
      JSON.stringify({ schema_version: 1, tenant: "a", root: { ...root(), payload: "e30=" } }),
    ],
    [
      "a root signed by others",
      JSON.stringify({ schema_version: 1, tenant: "a", root: root({}, [P1]) }),
    ],
    ["a file too large", " ".repeat(300_000)],
  ])("refuses %s", (_what, content) => {
    expect(() => readTrust(text(content))).toThrow(
      expect.objectContaining({ code: "SIGIL_TRUST_INVALID" }),
    );
  });
});

describe("parseState", () => {
  it("reads back what a verdict said", () => {
    const here = host();
    here.open({ policy: policy({ version: 3 }) });
    expect(roundTrip(here.state)).toEqual(here.state);
    expect(roundTrip(startState(trust(), null))).toEqual(startState(trust(), null));
  });

  it.each([
    ["nothing", () => null],
    ["a list", () => []],
    ["no number", (state: TrustState) => ({ ...state, policy_version: "3" })],
    ["a negative number", (state: TrustState) => ({ ...state, policy_version: -1 })],
    ["another version of its root", (state: TrustState) => ({ ...state, root_version: 2 })],
    ["an unsigned root", (state: TrustState) => ({ ...state, root: root({}, []) })],
    [
      "an unsigned kept root",
      (state: TrustState) => ({
        ...state,
        kept: state.kept && { ...state.kept, root: root({}, []) },
      }),
    ],
    ["no time", (state: TrustState) => ({ ...state, highest_time: "yesterday" })],
  ])("gives null for %s", (_what, change) => {
    const here = host();
    here.open({ policy: policy() });
    expect(roundTrip(change(here.state))).toBeNull();
  });

  it("gives null for a file that was cut off", () => {
    const whole = JSON.stringify(host().state);
    expect(parseState(text(whole.slice(0, -1)))).toBeNull();
    expect(parseState(new Uint8Array())).toBeNull();
  });
});

describe("rootOf", () => {
  it("throws for a state that was never parsed", () => {
    const broken = { root: { ...root(), payload: "!" } };
    expect(() => rootOf(broken)).toThrow(expect.objectContaining({ code: "SIGIL_TRUST_INVALID" }));
  });
});

describe("startState", () => {
  const walked = () => {
    const here = host();
    here.open({
      roots: [root({ version: 2 }), root({ version: 3 })],
      policy: policy({ version: 9 }),
    });
    return here.state;
  };

  it("begins from the installed trust root", () => {
    expect(startState(trust(), null)).toMatchObject({
      root_version: 1,
      policy_version: 0,
      policy_digest: null,
      highest_time: at(-30),
      kept: null,
    });
  });

  it("keeps a stored trust root that is newer than the installed one", () => {
    const state = walked();
    expect(startState(trust(), state)).toBe(state);
  });

  it("keeps everything when both are the same", () => {
    const state = walked();
    expect(startState(trust(root({ version: 3 })), state)).toBe(state);
  });

  it("takes the installed one when it is newer, without a chain", () => {
    const installed = root({ version: 5, issued: at(-2) });
    const state = startState(trust(installed), walked());
    expect(state).toMatchObject({ root_version: 5, policy_version: 9 });
    expect(rootOf(state).document.version).toBe(5);
  });

  it("takes the installed one when it is another of the same version, made anew by the operator", () => {
    const anew = root(
      {
        version: 3,
        roles: {
          root: { keys: [ROOT_KEYS[2]], threshold: 1 },
          policy: { keys: [P2], threshold: 1 },
        },
      },
      [ROOT_KEYS[2]],
    );
    expect(startState(trust(anew), walked())).toMatchObject({ root_version: 3, policy_version: 0 });
  });

  it("begins counting again when a policy key left with the installed one", () => {
    const roles = {
      root: { keys: [R1], threshold: 1 },
      policy: { keys: [P2], threshold: 1 },
    };
    const state = startState(trust(root({ version: 5, roles })), walked());
    expect(state).toMatchObject({ root_version: 5, policy_version: 0, policy_digest: null });
    expect(state.kept).toMatchObject({ version: 9 });
  });
});

describe("reopen", () => {
  const envelope = policy({ version: 4 });
  const bytes = served([root()], envelope);
  const applied = () => {
    const here = host();
    here.open(bytes);
    return here;
  };

  it("opens what was accepted", () => {
    const here = applied();
    const again = reopen(bytes, here.context());
    expect(again).toMatchObject({ kind: "open", expired: false, policy: { version: 4 } });
  });

  it("opens it when it has expired, and when its key has", () => {
    const here = host(root({ validity: { [P1.keyid]: { not_after: at(1) } } }));
    here.open({ policy: envelope });
    here.now = Date.parse(at(90));
    const again = reopen(bytesOf({ policy: envelope }), here.context());
    expect(again).toMatchObject({ kind: "open", expired: true });
    here.now -= 1;
    const before = reopen(bytesOf({ policy: envelope }), here.context());
    expect(before).toMatchObject({ kind: "open", expired: false });
  });

  it("takes the highest signed time for now when the clock was set back", () => {
    const here = applied();
    const dated = { ...here.state, highest_time: at(91) };
    here.now = 0;
    expect(reopen(bytes, here.context({ state: dated }))).toMatchObject({ expired: true });
  });

  it("opens it after its key has left the role: the last good policy is kept until another one comes", () => {
    const here = applied();
    const roles = { root: { keys: [R1], threshold: 1 }, policy: { keys: [P2], threshold: 1 } };
    here.open({ roots: [root({ version: 2, roles })] });
    const stored = roundTrip(here.state);
    expect(stored).toMatchObject({ root_version: 2, policy_version: 0 });
    expect(reopen(bytes, here.context({ state: stored ?? here.state }))).toMatchObject({
      kind: "open",
      policy: { version: 4 },
    });
  });

  it.each([
    ["another version", policy({ version: 3 }), "rollback"],
    ["a version the state does not know yet", policy({ version: 5 }), "rollback"],
    [
      "other bytes of the version",
      policy({ version: 4, expires: at(91) }),
      "same_version_other_bytes",
    ],
    ["a wrong signature", policy({ version: 4 }, [P2]), "unknown_key"],
    [
      "changed parts",
      { ...envelope, parts: policy({ policy: text("version: 1\n") }).parts },
      "part_mismatch",
    ],
    ["no policy", null, "malformed"],
  ])("refuses %s", (_what, other, reason) => {
    const again = reopen(bytesOf({ policy: other }), applied().context());
    expect(again).toMatchObject({ kind: "rejected", reason });
  });

  it("refuses it on a host that has moved to another tenant", () => {
    const here = applied();
    const moved = trust(root(), "other");
    expect(reopen(bytes, here.context({ trust: moved }))).toMatchObject({
      reason: "wrong_audience",
    });
  });

  it("refuses everything when nothing was accepted", () => {
    expect(reopen(bytes, host().context())).toMatchObject({ reason: "rollback" });
    expect(NOW).toBeGreaterThan(0);
  });
});
