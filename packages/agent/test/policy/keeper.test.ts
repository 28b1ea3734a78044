import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BASELINE } from "@sigil/baseline";
import { generateKey } from "@sigil/signer/key";
import { deliveryText } from "@sigil/signer/sign";
import { tempDir, type TempDir } from "@sigil/testkit";
import {
  day,
  delivery,
  expectApplied,
  POLICY_KEY,
  root,
  ROOT_KEY,
  signedHost,
  target,
  word,
  type SignedHost,
} from "./signed/world.ts";

let dir: TempDir;
let host: SignedHost;
beforeEach(() => {
  dir = tempDir();
  host = signedHost(dir);
});
afterEach(() => {
  host.close();
  dir.remove();
});

const [builtIn] = BASELINE.targets;
const DISABLES = `version: 1\noverrides:\n  - {id: ${builtIn?.id}, disabled: true}\n`;
const ids = (keeper: {
  readonly policy: { readonly policy: { readonly targets: readonly { readonly id: string }[] } };
}) => keeper.policy.policy.targets.map(({ id }) => id);

describe("a host without a trust root", () => {
  it("takes nothing that is signed, and says so once", async () => {
    const keeper = await host.start();
    expect(word(await keeper.receive(delivery()))).toBe("no_trust_root");
    expect(word(await keeper.receive(delivery()))).toBe("no_trust_root");
    expect(host.refusals()).toEqual(["no_trust_root"]);
    expect(keeper.status()).toMatchObject({ trust: null, policy: null, refusals_total: 2 });
    expect(keeper.policy.layers).toEqual(["baseline"]);
  });

  it("says that a policy which was in force is not any more", async () => {
    host.trust();
    await expectApplied(await host.start(), {});
    rmSync(host.config.paths.trust);
    const keeper = await host.start();
    expect(keeper.policy.layers).toEqual(["baseline"]);
    expect(host.conditions()).toContain("signed-policy-unusable");
    expect(host.refusals()).toEqual(["no_trust_root"]);
  });
});

describe("a trust root", () => {
  it("that is no trust root keeps the agent from starting", async () => {
    host.trust();
    writeFileSync(host.config.paths.trust, "{}");
    await expect(host.start()).rejects.toMatchObject({ code: "SIGIL_TRUST_INVALID" });
  });

  it("is not read through a link", async () => {
    host.trust();
    const real = dir.at("real.json");
    writeFileSync(real, readFileSync(host.config.paths.trust));
    rmSync(host.config.paths.trust);
    symlinkSync(real, host.config.paths.trust);
    await expect(host.start()).rejects.toMatchObject({ code: "SIGIL_TRUST_UNREADABLE" });
  });
});

describe("a delivery", () => {
  beforeEach(() => host.trust());

  describe("when it is good", () => {
    it("lies between the built-in and the local policy, and is named in the version", async () => {
      host.local(target("mine"));
      const keeper = await host.start();
      await expectApplied(keeper, { version: 7, policy: target("ours") });
      expect(keeper.policy.layers).toEqual(["baseline", "signed", "local"]);
      expect(keeper.policy.version).toMatch(
        /^baseline:[^+]+\+signed:7:[0-9a-f]{12}\+local:[0-9a-f]{12}$/,
      );
      expect(ids(keeper).slice(-2)).toEqual(["ours", "mine"]);
    });

    it("lays the weights of its rubric over those of its policy", async () => {
      const keeper = await host.start();
      const policy = "version: 1\nrubric: {weights: {helper_command: 1, hook_on_open: 1}}\n";
      await expectApplied(keeper, { policy, rubric: "weights: {hook_on_open: 3}\n" });
      expect(Object.fromEntries(keeper.policy.policy.rubricWeights)).toEqual({
        helper_command: { value: 1, origin: "signed" },
        hook_on_open: { value: 3, origin: "signed" },
      });
    });

    it("is unchanged the second time, and writes nothing", async () => {
      const keeper = await host.start();
      const same = delivery();
      expect(word(await keeper.receive(same))).toBe("applied");
      const { ino } = statSync(`${host.signed}/state.json`);
      expect(word(await keeper.receive(same))).toBe("unchanged");
      expect(statSync(`${host.signed}/state.json`).ino).toBe(ino);
    });

    it("is kept for this user alone, and what it replaces is removed", async () => {
      mkdirSync(host.signed, { recursive: true, mode: 0o755 });
      const keeper = await host.start();
      await expectApplied(keeper, { version: 1 });
      await expectApplied(keeper, { version: 2 });
      expect(readdirSync(host.signed).toSorted()).toEqual([
        expect.stringMatching(/^delivery-2-[0-9a-f]{12}\.json$/),
        "state.json",
      ]);
      for (const name of readdirSync(host.signed))
        expect(statSync(`${host.signed}/${name}`).mode & 0o777).toBe(0o600);
      expect(statSync(host.signed).mode & 0o777).toBe(0o700);
    });
  });

  describe("when it is refused", () => {
    const stranger = generateKey();
    it.each([
      ["bad_signature", { key: stranger }],
      ["unknown_key", { key: stranger }],
      ["rollback", { version: 4 }],
      ["same_version_other_bytes", { version: 5, policy: target("other") }],
      ["expired", { version: 6, expires: day(-0.5) }],
      ["not_yet_valid", { version: 6, issued: day(2) }],
      ["wrong_audience", { version: 6, audience: { tenant: "else", platform: "any" as const } }],
      [
        "wrong_audience",
        { version: 6, audience: { tenant: "acme", platform: "windows" as const } },
      ],
      ["not_a_policy", { version: 6, policy: "version: 1\nsurprise: true\n" }],
      ["not_a_policy", { version: 6, policy: target(builtIn?.id ?? "") }],
      ["not_a_policy", { version: 6, rubric: "weights: {no_such_kind: 1}\n" }],
      ["not_a_policy", { version: 6, rubric: "- 1\n" }],
    ])("for %s, the last good one stays: %j", async (reason, given) => {
      const keeper = await host.start();
      await expectApplied(keeper, { version: 5, policy: target("ours") });
      const before = keeper.policy;
      const got = word(await keeper.receive(delivery(given)));
      if (reason.endsWith("_key") || reason === "bad_signature")
        expect(["unknown_key", "bad_signature"]).toContain(got);
      else expect(got).toBe(reason);
      expect(keeper.policy).toBe(before);
      expect(host.refusals()).toEqual([got]);
      const again = await host.start();
      expect(again.policy.version).toBe(before.version);
    });

    it("is malformed when it is not base64, and too large when it was cut off", async () => {
      const keeper = await host.start();
      expect(word(await keeper.receive("not base64!"))).toBe("malformed");
      expect(word(await keeper.receive(""))).toBe("malformed");
      expect(word(await keeper.receive(null))).toBe("too_large");
    });

    it("is told once, however often it comes, and counted", async () => {
      const keeper = await host.start();
      await expectApplied(keeper, { version: 5 });
      const old = delivery({ version: 4 });
      for (let times = 0; times < 5; times += 1) await keeper.receive(old);
      await keeper.receive(delivery({ version: 3 }));
      expect(host.refusals()).toEqual(["rollback", "rollback"]);
      expect(keeper.status().refusals_total).toBe(6);
    });

    it("is told so often an hour and no more, whoever makes up new ones", async () => {
      const keeper = await host.start();
      await expectApplied(keeper, {
        policy: "version: 1\nsettings: {control: {refusals_per_hour: 3}}\n",
      });
      const flood = async () => {
        for (let at = 0; at < 10; at += 1) await keeper.receive(`${host.clock.now()}${at}`);
      };
      await flood();
      expect(host.refusals()).toHaveLength(3);
      host.clock.advance(3_600_001);
      await flood();
      expect(host.refusals()).toHaveLength(6);
      expect(keeper.status().refusals_total).toBe(20);
    });

    it("for a policy that is none, its version may still be used by a mended one", async () => {
      const keeper = await host.start();
      await expectApplied(keeper, { version: 1 });
      expect(word(await keeper.receive(delivery({ version: 2, policy: "[]" })))).toBe(
        "not_a_policy",
      );
      await expectApplied(keeper, { version: 2, policy: target("mended") });
    });

    it("is remembered for whoever asks later", async () => {
      const keeper = await host.start();
      await expectApplied(keeper, { version: 2 });
      await keeper.receive(delivery({ version: 1 }));
      expect((await host.start()).status().refused).toMatchObject({
        reason: "rollback",
        at: day(0),
      });
    });
  });

  describe("when it brings a new trust root", () => {
    const nextKey = generateKey();
    const rotated = root({
      version: 2,
      roles: {
        root: { keys: [ROOT_KEY], threshold: 1 },
        policy: { keys: [nextKey], threshold: 1 },
      },
    });

    it("begins to count again under the new key", async () => {
      const keeper = await host.start();
      await expectApplied(keeper, { version: 900 });
      await expectApplied(keeper, { version: 1, roots: [rotated], key: nextKey });
      expect(word(await keeper.receive(delivery({ version: 901 })))).not.toBe("applied");
      expect(keeper.status().trust?.root_version).toBe(2);
    });

    it("moves on to the root also when the policy with it is refused for itself", async () => {
      const keeper = await host.start();
      await expectApplied(keeper, { version: 5 });
      const old = delivery({ version: 4, roots: [root({ version: 2 })] });
      expect(word(await keeper.receive(old))).toBe("rollback");
      expect(keeper.status()).toMatchObject({ trust: { root_version: 2 }, policy: { version: 5 } });
      expect((await host.start()).status().trust?.root_version).toBe(2);
    });

    it("keeps the root and the last good policy when the policy with it is none", async () => {
      const keeper = await host.start();
      await expectApplied(keeper, { version: 5, policy: target("ours") });
      const bad = delivery({ version: 1, roots: [rotated], key: nextKey, policy: "[]" });
      expect(word(await keeper.receive(bad))).toBe("not_a_policy");
      host.close();
      const again = await host.start();
      expect(again.status()).toMatchObject({ trust: { root_version: 2 }, policy: { version: 5 } });
      expect(ids(again)).toContain("ours");
      await expectApplied(again, { version: 1, key: nextKey });
    });
  });
});

describe("what was accepted", () => {
  beforeEach(() => host.trust());

  it("is in force at the next start, and its rollback memory too", async () => {
    await expectApplied(await host.start(), { version: 3, policy: target("ours") });
    const keeper = await host.start();
    expect(ids(keeper)).toContain("ours");
    expect(word(await keeper.receive(delivery({ version: 2 })))).toBe("rollback");
    expect(host.conditions()).toEqual([]);
  });

  it.each([
    ["is gone", (file: string) => rmSync(file), "delivery_unreadable"],
    ["was changed", (file: string) => writeFileSync(file, delivery({ version: 3 })), "malformed"],
  ])(
    "is said to be unusable when its file %s, and mends with the next delivery",
    async (_how, harm, reason) => {
      const good = delivery({ version: 3, policy: target("ours") });
      await (await host.start()).receive(good);
      const name = readdirSync(host.signed).find((one) => one.startsWith("delivery"));
      harm(`${host.signed}/${name}`);
      const keeper = await host.start();
      expect(keeper.policy.layers).toEqual(["baseline"]);
      expect(host.conditions()).toEqual(["signed-policy-unusable"]);
      expect(host.refusals()).toEqual([reason]);
      expect(word(await keeper.receive(delivery({ version: 2 })))).toBe("rollback");
      expect(word(await keeper.receive(good))).toBe("applied");
      expect(host.conditions()).toEqual([]);
      expect(ids(await host.start())).toContain("ours");
    },
  );

  it("is said to be unusable when the memory is damaged", async () => {
    await expectApplied(await host.start(), {});
    writeFileSync(`${host.signed}/state.json`, "{}");
    const keeper = await host.start();
    expect(keeper.status()).toMatchObject({ policy: null, unusable: { reason: "memory_damaged" } });
    await expectApplied(keeper, { version: 2 });
    expect(host.conditions()).toEqual([]);
  });

  it("is left when the host is given to another tenant", async () => {
    await expectApplied(await host.start(), {});
    host.trust(root(), [], "else");
    const keeper = await host.start();
    expect(keeper.policy.layers).toEqual(["baseline"]);
    expect(host.refusals()).toEqual(["wrong_audience"]);
  });
});

describe("a signed policy and the local one", () => {
  beforeEach(() => host.trust());

  it("wins when the local one would weaken it, and takes the rest once it may", async () => {
    host.local(DISABLES);
    const keeper = await host.start();
    expect(keeper.policy.layers).toEqual(["baseline", "local"]);
    await expectApplied(keeper, { version: 1 });
    expect(keeper.policy.layers).toEqual(["baseline", "signed"]);
    expect(host.conditions()).toEqual(["policy-rejected"]);
    expect(host.refusals()).toEqual(["SIGIL_POLICY_LOCKED"]);
  });

  it("starts without a local file that would weaken it, or is none", async () => {
    await expectApplied(await host.start(), { version: 1, policy: target("ours") });
    for (const text of [DISABLES, "[", target("ours")]) {
      host.local(text);
      const keeper = await host.start();
      expect(keeper.policy.layers).toEqual(["baseline", "signed"]);
      expect(host.conditions()).toEqual(["policy-rejected"]);
    }
    expect(host.refusals()).toEqual([
      "SIGIL_POLICY_LOCKED",
      "SIGIL_POLICY_SYNTAX",
      "SIGIL_POLICY_DUPLICATE_ID",
    ]);
  });

  it("takes the local one back with a policy it goes with", async () => {
    host.local(target("taken"));
    const keeper = await host.start();
    await expectApplied(keeper, { version: 1, policy: target("taken") });
    expect(keeper.policy.layers).toEqual(["baseline", "signed"]);
    await expectApplied(keeper, { version: 2 });
    expect(keeper.policy.layers).toEqual(["baseline", "signed", "local"]);
    expect(host.conditions()).toEqual([]);
  });

  it("leaves both alone when a reload finds a local one that is refused", async () => {
    host.local(target("mine"));
    const keeper = await host.start();
    await expectApplied(keeper, {});
    const before = keeper.policy;
    host.local(DISABLES);
    await expect(keeper.reload()).rejects.toMatchObject({ code: "SIGIL_POLICY_LOCKED" });
    expect(keeper.policy).toBe(before);
    host.local("version: 1\n");
    expect((await keeper.reload()).layers).toEqual(["baseline", "signed", "local"]);
    expect(host.conditions()).toEqual([]);
  });
});

describe("a reload", () => {
  it("takes a trust root that was installed meanwhile, and a newer one", async () => {
    const keeper = await host.start();
    host.trust();
    await keeper.reload();
    await expectApplied(keeper, { version: 4 });
    host.trust(root({ version: 2 }));
    expect((await keeper.reload()).layers).toContain("signed");
    expect(keeper.status().trust?.root_version).toBe(2);
    expect((await host.start()).status().trust?.root_version).toBe(2);
  });

  it("leaves everything alone when the trust root is not valid", async () => {
    host.trust();
    const keeper = await host.start();
    await expectApplied(keeper, {});
    writeFileSync(host.config.paths.trust, "{}");
    await expect(keeper.reload()).rejects.toMatchObject({ code: "SIGIL_TRUST_INVALID" });
    expect(keeper.policy.layers).toContain("signed");
    await expectApplied(keeper, { version: 2 });
  });

  it("keeps what is in force whatever became of its files", async () => {
    host.trust();
    const keeper = await host.start();
    await expectApplied(keeper, {});
    rmSync(host.signed, { recursive: true });
    expect((await keeper.reload()).layers).toContain("signed");
  });
});

describe("what a running agent knows", () => {
  it("is not lost with its files when another trust root is installed", async () => {
    host.trust();
    const keeper = await host.start();
    const good = delivery({ version: 4, policy: target("ours") });
    await keeper.receive(good);
    writeFileSync(`${host.signed}/state.json`, "{}");
    host.trust(root({ version: 2 }));
    expect((await keeper.reload()).layers).toContain("signed");
    const again = await host.start();
    expect(ids(again)).toContain("ours");
    expect(word(await again.receive(delivery({ version: 3 })))).toBe("rollback");
  });

  it("of a newer trust root stays when an older file is installed over it", async () => {
    host.trust();
    const keeper = await host.start();
    host.trust(root({ version: 2 }));
    await keeper.reload();
    host.trust();
    expect((await host.start()).status().trust?.root_version).toBe(2);
  });

  it("of the local file is what the last reload read", async () => {
    host.trust();
    host.local(target("before"));
    const keeper = await host.start();
    host.local(target("after"));
    await keeper.reload();
    host.local(target("not-asked-for"));
    await expectApplied(keeper, {});
    expect(ids(keeper).at(-1)).toBe("after");
  });
});

describe("expiry", () => {
  beforeEach(() => host.trust());

  it("keeps the policy in force and is told once, also over a restart", async () => {
    const keeper = await host.start();
    await expectApplied(keeper, { expires: day(2) });
    host.clock.advance(3 * 86_400_000);
    for (let times = 0; times < 2; times += 1) {
      const again = await host.start();
      expect(again.policy.layers).toContain("signed");
      expect(host.conditions()).toEqual(["signed-policy-expired"]);
      expect(again.status().policy).toMatchObject({ expired: true });
    }
    expect(host.told).toEqual([{ kind: "policy_expired", version: 1, expired: day(2) }]);
  });

  it("is over with a newer policy", async () => {
    const keeper = await host.start();
    await expectApplied(keeper, { expires: day(2) });
    host.clock.advance(3 * 86_400_000);
    await keeper.reload();
    expect(host.conditions()).toEqual(["signed-policy-expired"]);
    await expectApplied(keeper, { version: 2, issued: day(2.9) });
    expect(host.conditions()).toEqual([]);
  });

  it("is not undone by a clock that is set back", async () => {
    const keeper = await host.start();
    await expectApplied(keeper, { expires: day(2) });
    host.clock.advance(3 * 86_400_000);
    const later = deliveryText([root({ version: 2, issued: day(2.5) })], null);
    await keeper.receive(Buffer.from(later).toString("base64"));
    host.clock.advance(-3 * 86_400_000);
    const again = await host.start();
    expect(again.status().policy).toMatchObject({ expired: true });
    expect(host.conditions()).toEqual(["signed-policy-expired"]);
    expect(word(await again.receive(delivery({ version: 2 })))).toBe("clock_set_back");
  });
});

describe("an empty delivery", () => {
  it("changes nothing but what it says of roots", async () => {
    host.trust();
    const keeper = await host.start();
    await expectApplied(keeper, {});
    const bytes = Buffer.from(deliveryText([root({ version: 2 })], null)).toString("base64");
    expect(word(await keeper.receive(bytes))).toBe("unchanged");
    expect(keeper.status()).toMatchObject({ trust: { root_version: 2 }, policy: { version: 1 } });
    expect(POLICY_KEY.keyid).toBe(keeper.status().policy?.keyids[0]);
  });
});
