import { expect } from "vitest";
import type { HealthEvidence } from "@sigil/core";
import { generateKey, type SecretKey } from "@sigil/signer/key";
import {
  deliveryText,
  makeRoot,
  sealPolicy,
  sealRoot,
  trustText,
  type PolicyContents,
  type RootContents,
} from "@sigil/signer/sign";
import type { Envelope } from "@sigil/signer/verify";
import { fakeClock, type TempDir } from "@sigil/testkit";
import { resolveConfig } from "../../../src/config.ts";
import { nodeSteps, type DiskSteps } from "../../../src/fs/atomic.ts";
import { createConditions } from "../../../src/health/status.ts";
import { policyHere } from "../../../src/policy/here.ts";
import { PolicyKeeper, type Receipt } from "../../../src/policy/keeper.ts";

const NOW = Date.parse("2027-01-01T00:00:00Z");
const DAY_MS = 86_400_000;
const HOST = "host-1";

/** Keys that are the same for all tests of a file. */
export const ROOT_KEY = generateKey();
export const POLICY_KEY = generateKey();

export const day = (days: number) => new Date(NOW + days * DAY_MS).toISOString();

export function root(
  changes: Partial<RootContents> = {},
  keys: readonly SecretKey[] = [ROOT_KEY],
): Envelope {
  const contents: RootContents = {
    version: 1,
    issued: day(-30),
    expires: day(365),
    roles: {
      root: { keys: [ROOT_KEY], threshold: 1 },
      policy: { keys: [POLICY_KEY], threshold: 1 },
    },
    ...changes,
  };
  return sealRoot(makeRoot(contents), keys);
}

export interface Sealed extends Partial<Omit<PolicyContents, "policy" | "rubric">> {
  readonly policy?: string;
  readonly rubric?: string;
  readonly roots?: readonly Envelope[];
  readonly key?: SecretKey;
}

/** A delivery with one policy, as a courier hands it over. */
export function delivery(given: Sealed = {}): string {
  const { policy = "version: 1\n", rubric, roots = [], key = POLICY_KEY, ...contents } = given;
  const envelope = sealPolicy(
    {
      version: 1,
      issued: day(-1),
      expires: day(90),
      audience: { tenant: "acme", platform: "any" },
      ...contents,
      policy: Buffer.from(policy),
      rubric: rubric === undefined ? null : Buffer.from(rubric),
    },
    [key],
  );
  return Buffer.from(deliveryText(roots, envelope)).toString("base64");
}

export function target(id: string): string {
  return `version: 1\ntargets:\n  - {id: ${id}, tier: standard, paths: [/x/${id}]}\n`;
}

/** A host in a directory: each `start` is a process of its own over the same disk. */
export function signedHost(dir: TempDir) {
  const config = resolveConfig({ mode: "user" }, { HOME: dir.path });
  const clock = fakeClock(NOW);
  const notes = new Map<string, string>();
  const told: HealthEvidence[] = [];
  const started: PolicyKeeper[] = [];
  const conditions = createConditions(clock.now);
  const write = (path: string, text: string) => dir.write(path.slice(dir.path.length + 1), text);
  return {
    config,
    clock,
    told,
    signed: dir.at(".local/state/sigil/signed"),
    trust: (envelope = root(), groups: readonly string[] = [], tenant = "acme") =>
      write(config.paths.trust, trustText(envelope, tenant, groups)),
    local: (text: string) => write(config.paths.policy, text),
    conditions: () => conditions.list().map(({ code }) => code),
    kinds: () => told.map(({ kind }) => kind),
    refusals: () => told.flatMap((one) => (one.kind === "policy_rejected" ? [one.reason] : [])),
    async start(steps: DiskSteps = nodeSteps) {
      dir.mkdir(".local/state/sigil");
      const here = await policyHere(config, false);
      const keeper = new PolicyKeeper(here, {
        config,
        policyRequired: false,
        hostId: HOST,
        conditions,
        log: { warn: () => undefined, error: () => undefined } as never,
        steps,
        now: clock.now,
        tell: (evidence, onDurable) => {
          told.push(evidence);
          onDurable?.();
        },
        notes: { get: (key) => notes.get(key) ?? null, set: (key, value) => notes.set(key, value) },
      });
      started.push(keeper);
      await keeper.begin();
      return keeper;
    },
    close: () => started.forEach((keeper) => keeper.close()),
  };
}

export type SignedHost = ReturnType<typeof signedHost>;

/** `applied`, `unchanged`, or the reason of the refusal. */
export function word(receipt: Receipt): string {
  return receipt.kind === "rejected" ? receipt.reason : receipt.kind;
}

export async function expectApplied(keeper: PolicyKeeper, given: Sealed): Promise<void> {
  expect(word(await keeper.receive(delivery(given)))).toBe("applied");
}
