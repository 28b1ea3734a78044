import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { generateKey } from "@sigil/signer/key";
import {
  deliveryText,
  makeRoot,
  sealPolicy,
  sealRoot,
  trustText,
  type PolicyContents,
} from "@sigil/signer/sign";
import { ofKind } from "./events.ts";
import { createHost, eventually, writePolicy, type TestHost } from "./harness.ts";

const ROOT_KEY = generateKey();
const POLICY_KEY = generateKey();
const DAY_MS = 86_400_000;
const at = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

const TARGET = `targets:
  - id: team-file
    tier: critical
    paths: ["~/team.json"]
`;

function trust(host: TestHost): void {
  const root = makeRoot({
    version: 1,
    issued: at(-10),
    expires: at(300),
    roles: {
      root: { keys: [ROOT_KEY], threshold: 1 },
      policy: { keys: [POLICY_KEY], threshold: 1 },
    },
  });
  mkdirSync(host.path(".config/sigil"), { recursive: true });
  writeFileSync(
    host.path(".config/sigil/trust.json"),
    trustText(sealRoot(root, [ROOT_KEY]), "acme", []),
    { mode: 0o600 },
  );
}

type Given = Partial<Omit<PolicyContents, "policy">> & { readonly yaml?: string };

function delivery({ yaml = "", ...given }: Given = {}): string {
  const contents: PolicyContents = {
    version: 1,
    issued: at(-1),
    expires: at(90),
    audience: { tenant: "acme", platform: "any" },
    ...given,
    policy: Buffer.from(`version: 1\n${yaml}`),
  };
  return Buffer.from(deliveryText([], sealPolicy(contents, [POLICY_KEY]))).toString("base64");
}

interface Answer {
  readonly outcome: string;
  readonly reason?: string;
  readonly version: number | null;
  readonly policy_version: string;
}

/** What a courier does: one line to the control socket, one line back. */
async function hand(host: TestHost, bytes: string): Promise<Answer> {
  const socket = connect(host.path(".local/state/sigil/control.sock"));
  socket.write(`${JSON.stringify({ op: "envelope", delivery: bytes })}\n`);
  let reply = "";
  for await (const chunk of socket.setEncoding("utf8")) reply += chunk as string;
  const { ok, value } = JSON.parse(reply) as { ok: boolean; value: Answer };
  expect(ok, reply).toBe(true);
  return value;
}

/** The agent was killed before it could answer; any answer it gave is to be looked at. */
function cutOff(error: unknown): null {
  if (error instanceof Error && error.name === "AssertionError") throw error;
  return null;
}

describe("signed policy", () => {
  it("is applied, kept over a restart, and refused when it is rolled back", async () => {
    const host = createHost();
    trust(host);
    const agent = await host.start();
    const answer = await hand(host, delivery({ version: 3, yaml: TARGET }));
    expect(answer).toEqual({
      outcome: "applied",
      version: 3,
      policy_version: expect.stringMatching(/^baseline:[^+]+\+signed:3:[0-9a-f]{12}$/) as string,
    });
    const file = host.write("team.json", "1\n");
    expect(await agent.saw(file)).toMatchObject({ target_id: "team-file", severity: "warn" });
    expect(ofKind(agent.events, "policy_applied").at(-1)).toMatchObject({
      layers: ["baseline", "signed"],
      policy_version: answer.policy_version,
    });

    const old = delivery({ version: 2 });
    for (let times = 0; times < 3; times += 1)
      expect(await hand(host, old)).toMatchObject({
        outcome: "rejected",
        reason: "rollback",
        version: 3,
        policy_version: answer.policy_version,
      });
    await eventually(() => ofKind(agent.events, "policy_rejected").length > 0);
    await agent.kill();

    const again = await host.start();
    expect(ofKind(again.events, "policy_applied")).toMatchObject([
      { policy_version: answer.policy_version },
    ]);
    host.write("team.json", "2\n");
    expect(await again.saw(file)).toMatchObject({ target_id: "team-file" });
    expect(await hand(host, old)).toMatchObject({ reason: "rollback", version: 3 });
    expect((await host.status()).signed).toMatchObject({
      trust: { tenant: "acme", root_version: 1 },
      policy: { version: 3, keyids: [POLICY_KEY.keyid] },
      refused: { reason: "rollback" },
    });
    await again.stop();
    const rejected = ofKind(await host.events(), "policy_rejected");
    expect(rejected.map(({ reason }) => reason)).toEqual(["rollback", "rollback"]);
  });

  it("cannot be disabled or overridden by the local file, which is left out and told", async () => {
    const host = createHost();
    trust(host);
    const agent = await host.start();
    const yaml = `${TARGET}settings: {sweep: {interval_s: 77}}\n`;
    await hand(host, delivery({ yaml }));
    for (const local of [
      "overrides: [{id: team-file, disabled: true}]\n",
      "overrides: [{id: team-file, tier: standard}]\n",
      "overrides: [{id: claude-code-user-settings, disabled: true}]\n",
      "settings: {sweep: {interval_s: 6000}}\n",
      TARGET,
    ]) {
      writePolicy(host, local);
      const before = ofKind(agent.events, "policy_rejected").length;
      agent.child.kill("SIGHUP");
      await eventually(() => ofKind(agent.events, "policy_rejected").length > before);
    }
    await agent.stop();

    const again = await host.start();
    expect(ofKind(again.events, "policy_rejected")).toMatchObject([
      { reason: "SIGIL_POLICY_DUPLICATE_ID" },
    ]);
    const status = await host.status();
    expect(status.policy_layers).toEqual(["baseline", "signed"]);
    expect(status.conditions.map(({ code }) => code)).toEqual(["policy-rejected"]);

    // What it may still do: add, and raise.
    writePolicy(host, "targets: [{id: mine, tier: critical, paths: [~/mine]}]\n");
    again.child.kill("SIGHUP");
    await eventually(async () => (await host.status()).policy_layers.includes("local"));
    expect((await host.status()).conditions).toEqual([]);
    const mine = host.write("mine", "1\n");
    expect(await again.saw(mine)).toMatchObject({ target_id: "mine" });
  });

  it("stays in force when it expires, and that is told once", async () => {
    const host = createHost();
    trust(host);
    const agent = await host.start();
    const expires = new Date(Date.now() + 2500).toISOString();
    expect(await hand(host, delivery({ version: 9, yaml: TARGET, expires }))).toMatchObject({
      outcome: "applied",
    });
    await eventually(() => ofKind(agent.events, "policy_expired").length === 1);
    const file = host.write("team.json", "1\n");
    expect(await agent.saw(file)).toMatchObject({ target_id: "team-file" });
    expect((await host.status()).conditions.map(({ code }) => code)).toEqual([
      "signed-policy-expired",
    ]);
    expect(await hand(host, delivery({ version: 10, expires: at(-0.1) }))).toMatchObject({
      reason: "expired",
    });
    await agent.stop();
    const again = await host.start();
    expect((await host.status()).signed.policy).toMatchObject({ version: 9, expired: true });
    await again.stop();
    expect(ofKind(await host.events(), "policy_expired")).toMatchObject([
      { version: 9, expired: expires },
    ]);
  });

  it("is not taken without a trust root, nor is an agent started with one that is none", async () => {
    const host = createHost();
    const agent = await host.start();
    expect(await hand(host, delivery())).toMatchObject({
      outcome: "rejected",
      reason: "no_trust_root",
      version: null,
    });
    await agent.stop();
    host.write(".config/sigil/trust.json", "{}");
    const refused = await host.start({ ready: false });
    expect((await refused.ended).code).toBe(3);
    expect(refused.log()).toContain("SIGIL_TRUST_INVALID");
  });

  it("takes a delivery of megabytes, one at a time, and goes on watching", async () => {
    const host = createHost();
    trust(host);
    const agent = await host.start();
    const big = (version: number) =>
      delivery({ version, yaml: `${TARGET}# ${"x".repeat(3_000_000)}\n` });
    expect(await hand(host, big(1))).toMatchObject({ outcome: "applied" });
    const file = host.write("team.json", "1\n");
    expect(await agent.saw(file)).toMatchObject({ target_id: "team-file" });
    expect(await hand(host, Buffer.alloc(9_000_000).toString("base64"))).toMatchObject({
      outcome: "rejected",
      reason: "too_large",
      version: 1,
    });
  });

  it("survives kill -9 at any moment: the version never goes back, and one is always in force", async () => {
    const host = createHost();
    trust(host);
    let sent = 0;
    let least = 0;
    for (let round = 0; round < 6; round += 1) {
      const agent = await host.start();
      const { policy } = (await host.status()).signed;
      expect(policy?.version ?? 0).toBeGreaterThanOrEqual(least);
      expect(policy?.version ?? 0).toBeLessThanOrEqual(sent);
      const sending = (async () => {
        for (;;) {
          sent += 1;
          const answer = await hand(host, delivery({ version: sent, yaml: TARGET })).catch(cutOff);
          if (answer === null) return;
          expect(answer).toMatchObject({ outcome: "applied", version: sent });
          least = sent;
        }
      })();
      await eventually(() => least > 0 && sent > round);
      await sleep(Math.random() * 300);
      await agent.kill();
      await sending;
      // It was cut off: whether it counts is for the disk to say.
    }
    const last = await host.start();
    const { signed, conditions } = await host.status();
    expect(signed.policy?.version).toBeGreaterThanOrEqual(least);
    expect(signed.unusable).toBeNull();
    expect(conditions).toEqual([]);
    expect(await hand(host, delivery({ version: Math.max(1, least - 1) }))).toMatchObject({
      reason: least > 1 ? "rollback" : "same_version_other_bytes",
    });
    await last.stop();
  });
});
