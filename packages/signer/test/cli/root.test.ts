import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bench, ceremony, complaint, SIGN, words, type Bench } from "./bench.ts";

let here: Bench;
beforeAll(async () => void (here = await ceremony()));
afterAll(() => here.remove());

const rotate = (...more: readonly string[]) => [
  ...words("root rotate @root-1.json --expires 1y --key @root.key"),
  ...more,
];
const verify = async (file: string) => {
  const { code, stdout } = await here.run("verify", file, "--trust", "@trust.json", "--json");
  const { verdict, reason, root_version } = JSON.parse(stdout) as Record<string, unknown>;
  return { code, verdict, root_version, ...(reason === undefined ? {} : { reason }) };
};

describe("sigil-sign root init", () => {
  const init = (...more: readonly string[]) => [
    ...words("root init --expires 1y --key @root.key"),
    ...words("--root-key @root.key.pub --policy-key @policy.key.pub"),
    ...more,
  ];

  it("makes a trust root that its own tools believe", async () => {
    expect(await verify("@root-1.json")).toEqual({
      code: 0,
      verdict: "no_policy",
      root_version: 1,
    });
  });

  it("says which signatures are missing, and refuses to install it until they are there", async () => {
    const two = init("--root-key", "@other.key.pub", "--root-threshold", "2", "--out", "@two.json");
    const outcome = await here.run(...two);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain("hosts will ask for 1 signature more of its own root keys");
    const early = await here.run("root", "trust", "@two.json", "--tenant", "acme");
    expect([early.code, complaint(early).code]).toEqual([4, "SIGIL_SIGNER_ENVELOPE_INVALID"]);
    await here.ok("cosign", "@two.json", "--key", "@other.key");
    expect(await here.ok("root", "trust", "@two.json", "--tenant", "acme")).toContain('"acme"');
  });

  it("starts over above what hosts know, when nobody can hand over any more", async () => {
    await here.ok(...init("--root-version", "6", "--out", "@anew.json"));
    expect(await here.ok("inspect", "@anew.json")).toContain("trust root 6");
    expect(await verify("@anew.json")).toMatchObject({ code: 1, reason: "root_gap" });
    await here.ok(...words("root trust @anew.json --tenant acme --out @anew-trust.json"));
    await here.ok("verify", "@anew.json", "--trust", "@anew-trust.json");
  });

  it.each([
    ["a threshold over the keys", ["--policy-threshold", "2"], "SIGIL_SIGNER_ROOT_INVALID", 3],
    ["a threshold of none", ["--root-threshold", "0"], "SIGIL_USAGE_INVALID", 2],
    [
      "one key twice for two",
      ["--root-key", "@root.key.pub", "--root-threshold", "2"],
      "SIGIL_SIGNER_ROOT_INVALID",
      3,
    ],
    [
      "a window of a key that is in no role",
      ["--valid-until", "@other.key.pub=2199-01-01"],
      "SIGIL_SIGNER_ROOT_INVALID",
      3,
    ],
    ["a window without a time", ["--valid-until", "@policy.key.pub"], "SIGIL_USAGE_INVALID", 2],
    ["a policy for a key", ["--root-key", "@policy.yaml"], "SIGIL_SIGNER_KEY_INVALID", 4],
  ])("refuses %s", async (_what, more, code, exit) => {
    const outcome = await here.run(...init(...more));
    expect([outcome.code, complaint(outcome).code]).toEqual([exit, code]);
    expect(outcome.stdout).toBe("");
  });

  it("gives a key its time", async () => {
    const windows = [
      "--valid-from",
      "@policy.key.pub=2199-01-01",
      "--valid-until",
      "@policy.key.pub=2199-06-01",
    ];
    await here.ok(...init(...windows, "--out", "@later.json"));
    await here.ok("root", "trust", "@later.json", "--tenant", "acme", "--out", "@later-trust.json");
    await here.ok(...SIGN, "--out", "@p.json");
    const outcome = await here.run("verify", "@p.json", "--trust", "@later-trust.json");
    expect(outcome.stdout).toContain("inactive_key");
    expect(await here.ok("inspect", "@later.json")).toContain(
      "from 2199-01-01T00:00:00.000Z, until 2199-06-01T00:00:00.000Z",
    );
  });
});

describe("sigil-sign root rotate", () => {
  it("hands over the policy role; what the old key signed no longer counts", async () => {
    const swap = ["--remove-policy-key", "@policy.key.pub", "--add-policy-key", "@other.key.pub"];
    await here.ok(...rotate(...swap, "--out", "@root-2.json"));
    expect(await verify("@root-2.json")).toMatchObject({ code: 0, root_version: 2 });
    await here.ok(...SIGN, "--out", "@old.json");
    await here.ok(
      ...SIGN.slice(0, 2),
      "--key",
      "@other.key",
      ...SIGN.slice(4),
      "--out",
      "@new.json",
    );
    const roots = ["--root", "@root-2.json", "--root", "@root-1.json"];
    await here.ok("bundle", ...roots, "--policy", "@old.json", "--out", "@old-delivery.json");
    await here.ok("bundle", ...roots, "--policy", "@new.json", "--out", "@new-delivery.json");
    expect(await verify("@old-delivery.json")).toMatchObject({ code: 1, reason: "inactive_key" });
    expect(await verify("@new-delivery.json")).toMatchObject({ code: 0, verdict: "accepted" });
  });

  it("hands over the root role when both sides have signed", async () => {
    const swap = ["--remove-root-key", "@root.key.pub", "--add-root-key", "@other.key.pub"];
    const outcome = await here.run(...rotate(...swap, "--out", "@next.json"));
    expect(outcome.stderr).toContain("hosts will ask for 1 signature more of its own root keys");
    expect(await verify("@next.json")).toMatchObject({ code: 1, reason: "below_threshold" });
    await here.ok("cosign", "@next.json", "--key", "@other.key");
    expect(await verify("@next.json")).toMatchObject({ code: 0, root_version: 2 });
  });

  it("says what the keys before are still asked for", async () => {
    const swap = ["--remove-root-key", "@root.key.pub", "--add-root-key", "@other.key.pub"];
    const line = rotate(...swap, "--out", "@next.json").with(6, "@other.key");
    const outcome = await here.run(...line);
    expect(outcome.stderr).toContain("1 signature more of the trust root before");
    expect(await verify("@next.json")).toMatchObject({ code: 1, reason: "unknown_key" });
  });

  it("takes a keyid for a key whose file is gone, and keeps windows of those that stay", async () => {
    const until = ["--valid-until", "@policy.key.pub=2199-06-01", "--out", "@w1.json"];
    await here.ok(...rotate(...until, "--add-root-key", "@other.key.pub"));
    const { contents } = JSON.parse(await here.ok("inspect", "@w1.json", "--json")) as {
      contents: [{ signed: { roles: { root: { keyids: string[] } } } }];
    };
    const gone = contents[0].signed.roles.root.keyids[1] ?? "";
    const again = words("root rotate @w1.json --expires 1y --key @root.key");
    await here.ok(...again, "--remove-root-key", gone, "--out", "@w2.json");
    const seen = await here.ok("inspect", "@w2.json");
    expect(seen).not.toContain(gone);
    expect(seen).toContain("until 2199-06-01");
    expect(seen).toContain("trust root 3");
  });

  it.each([
    [
      "the last key of a role",
      ["--remove-policy-key", "@policy.key.pub"],
      "SIGIL_SIGNER_ROOT_INVALID",
      3,
    ],
    [
      "a key that is not in the role",
      ["--remove-policy-key", "@other.key.pub"],
      "SIGIL_USAGE_INVALID",
      2,
    ],
    ["a key that is no file", ["--add-root-key", "@none"], "SIGIL_SIGNER_FILE_UNREADABLE", 4],
  ])("refuses to work on %s", async (_what, more, code, exit) => {
    const outcome = await here.run(...rotate(...more));
    expect([outcome.code, complaint(outcome).code]).toEqual([exit, code]);
  });

  it("refuses to rotate what is no trust root", async () => {
    await here.ok(...SIGN, "--out", "@p.json");
    const outcome = await here.run(...rotate().with(2, "@p.json"));
    expect(outcome.stderr).toContain("is no trust root but a policy");
  });
});

describe("sigil-sign root trust", () => {
  it("refuses names with spaces", async () => {
    const outcome = await here.run("root", "trust", "@root-1.json", "--tenant", "two words");
    expect([outcome.code, complaint(outcome).code]).toEqual([4, "SIGIL_SIGNER_ENVELOPE_INVALID"]);
  });

  it("is not for a policy", async () => {
    const there = bench();
    const outcome = await there.run("root", "trust", "@none.json", "--tenant", "acme");
    expect(complaint(outcome).code).toBe("SIGIL_SIGNER_FILE_UNREADABLE");
    there.remove();
  });
});
