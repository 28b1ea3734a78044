import { encodeBase64 } from "../src/base64.ts";
import { keyFromSeed, type SecretKey } from "../src/key.ts";
import {
  addSignature,
  deliveryText,
  makeRoot,
  sealPolicy,
  sealRoot,
  trustText,
  type PolicyContents,
  type RootContents,
} from "../src/sign.ts";
import {
  openDelivery,
  readTrust,
  startState,
  type Delivery,
  type Envelope,
  type OpenContext,
  type PolicyEnvelope,
  type TrustState,
  type Verdict,
} from "../src/verify.ts";

/** Keys that are the same in every run. */
export const key = (number: number): SecretKey => keyFromSeed(new Uint8Array(32).fill(number));

export const ROOT_KEYS = [key(1), key(2), key(3)] as const;
export const POLICY_KEYS = [key(11), key(12)] as const;

export const NOW = Date.parse("2027-01-01T00:00:00Z");
export const at = (days: number, ms = 0): string =>
  new Date(NOW + days * 86_400_000 + ms).toISOString();

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const POLICY = text("version: 1\ntargets: []\n");

export function rootContents(changes: Partial<RootContents> = {}): RootContents {
  return {
    version: 1,
    issued: at(-30),
    expires: at(365),
    roles: {
      root: { keys: [ROOT_KEYS[0]], threshold: 1 },
      policy: { keys: [POLICY_KEYS[0]], threshold: 1 },
    },
    ...changes,
  };
}

export function root(
  changes: Partial<RootContents> = {},
  keys: readonly SecretKey[] = [ROOT_KEYS[0]],
): Envelope {
  return sealRoot(makeRoot(rootContents(changes)), keys);
}

export function policy(
  changes: Partial<PolicyContents> = {},
  keys: readonly SecretKey[] = [POLICY_KEYS[0]],
): PolicyEnvelope {
  const contents: PolicyContents = {
    version: 1,
    issued: at(-1),
    expires: at(90),
    audience: { tenant: "acme", platform: "any" },
    policy: POLICY,
    ...changes,
  };
  return sealPolicy(contents, keys);
}

/** Signs a payload that this package would not make. */
export function sealed(
  payloadType: string,
  payload: string,
  keys: readonly SecretKey[],
  parts: Readonly<Record<string, string>> = {},
): PolicyEnvelope {
  const envelope = { payloadType, payload: encodeBase64(text(payload)), signatures: [], parts };
  return keys.reduce<PolicyEnvelope>(addSignature, envelope);
}

export function bytesOf(delivery: Partial<Delivery> | string): Uint8Array {
  if (typeof delivery === "string") return text(delivery);
  return text(JSON.stringify({ schema_version: 1, roots: [], policy: null, ...delivery }));
}

/** One host: what it remembers is what its last verdict said. */
export interface Host {
  state: TrustState;
  now: number;
  context(changes?: Partial<OpenContext>): OpenContext;
  open(delivery: Partial<Delivery> | Uint8Array, changes?: Partial<OpenContext>): Verdict;
  /** `accepted`, `unchanged`, or the reason of the refusal. */
  say(delivery: Partial<Delivery> | Uint8Array, changes?: Partial<OpenContext>): string;
}

export function host(installed: Envelope = root(), groups: readonly string[] = []): Host {
  const trust = readTrust(text(trustText(installed, "acme", groups)));
  const self: Host = {
    state: startState(trust, null),
    now: NOW,
    context: (changes = {}) => ({
      trust,
      state: self.state,
      host: { id: "host-1", platform: "linux" },
      now: self.now,
      ...changes,
    }),
    open(delivery, changes) {
      const bytes = delivery instanceof Uint8Array ? delivery : bytesOf(delivery);
      const verdict = openDelivery(bytes, self.context(changes));
      self.state = verdict.state;
      return verdict;
    },
    say(delivery, changes) {
      const verdict = self.open(delivery, changes);
      return verdict.kind === "rejected" ? verdict.reason : verdict.kind;
    },
  };
  return self;
}

/** A delivery's bytes as a server serves them. */
export function served(roots: readonly Envelope[], envelope: PolicyEnvelope | null): Uint8Array {
  return text(deliveryText(roots, envelope));
}
