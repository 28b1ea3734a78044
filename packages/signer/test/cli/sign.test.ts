import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ceremony, complaint, SIGN, type Bench } from "./bench.ts";

let here: Bench;
beforeAll(async () => void (here = await ceremony()));
afterAll(() => here.remove());

const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
type Seen = { readonly signed: Record<string, string>; readonly keyids: string[] };
const inspected = async (file: string): Promise<Seen> => {
  const [seen] = json(await here.ok("inspect", file, "--json"))["contents"] as [Seen];
  return seen;
};

describe("sigil-sign sign", () => {
  it("prints an envelope that verifies", async () => {
    const outcome = await here.run(...SIGN);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toMatch(
      /^sigil-sign: version 7, for tenant acme, every host, every platform, until 2\d{3}-.*Z\n$/,
    );
    here.write("printed.json", outcome.stdout);
    const verdict = await here.ok("verify", "@printed.json", "--trust", "@trust.json");
    expect(verdict).toContain("accepted under trust root 1\n  version 7, until ");
  });

  it("writes it whole into a file and leaves nothing beside it", async () => {
    here.write("policy-7.json", "old");
    const rubric = here.write("rubric.yaml", "weights:\n  no_sandbox: 3\n");
    expect(await here.ok(...SIGN, "--rubric", rubric, "--out", "@policy-7.json")).toBe("");
    const signed = (await inspected("@policy-7.json")).signed;
    expect(signed).toMatchObject({ version: 7, parts: { rubric: { bytes: 25 } } });
    expect(readdirSync(here.path).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("names groups, hosts and platform", async () => {
    const whom = ["--group", "eng", "--group", "ops", "--host", "h1", "--platform", "macos"];
    await here.ok(...SIGN, ...whom, "--out", "@some.json");
    expect((await inspected("@some.json")).signed).toMatchObject({
      audience: { tenant: "acme", groups: ["eng", "ops"], hosts: ["h1"], platform: "macos" },
    });
    const there = ["verify", "@some.json", "--trust", "@trust.json", "--platform"];
    expect((await here.run(...there, "macos")).code).toBe(0);
    const elsewhere = await here.run(...there, "linux");
    expect(elsewhere.stdout).toContain("refused: wrong_audience: it is for macos");
  });

  it("refuses a policy that hosts could not apply, unless told otherwise", async () => {
    const target = "  - id: mine\n    tier: critical\n    paths: ['~/.mine']\n";
    for (const [content, words] of [
      ["version: 1\ntargts: []\n", 'bad.yaml:2:1: unknown key "targts"'],
      ["version: 1\ntargets: [\n", "bad.yaml:3:1"],
      [`version: 1\ntargets:\n${target}${target}`, "twice in this policy"],
    ] as const) {
      here.write("bad.yaml", content);
      const words1 = ["sign", "@bad.yaml", ...SIGN.slice(2)];
      const outcome = await here.run(...words1);
      expect([outcome.code, complaint(outcome).code]).toEqual([3, "SIGIL_SIGNER_POLICY_INVALID"]);
      expect(outcome.stderr).toContain(words);
      expect(outcome.stdout).toBe("");
      expect((await here.run(...words1, "--no-check")).code).toBe(0);
    }
  });

  it("refuses a rubric with anything but weights", async () => {
    here.write("bad-rubric.yaml", "weights:\n  no_sandbox: 11\n");
    const outcome = await here.run(...SIGN, "--rubric", "@bad-rubric.yaml");
    expect([outcome.code, complaint(outcome).code]).toEqual([3, "SIGIL_SIGNER_POLICY_INVALID"]);
  });

  it("refuses a policy that is not UTF-8, also unchecked", async () => {
    here.write("latin.yaml", new Uint8Array([0x23, 0xe4, 0x0a]));
    const outcome = await here.run("sign", "@latin.yaml", ...SIGN.slice(2), "--no-check");
    expect(complaint(outcome).code).toBe("SIGIL_SIGNER_POLICY_INVALID");
  });

  it.each([
    ["--expires", "2020-01-01", "is over already"],
    ["--expires", "2027-02-30", "is no span and no time"],
    ["--expires", "0d", "is no span and no time"],
    ["--expires", "99999y", "is too far away"],
    ["--policy-version", "0", "whole number of at least 1"],
    ["--tenant", "two words", "is no name"],
    ["--group", "", "is no name"],
    ["--platform", "beos", "Allowed choices"],
  ])("takes no %s %j", async (option, value, words) => {
    const outcome = await here.run(...SIGN, option, value);
    expect([outcome.code, complaint(outcome).code]).toEqual([2, "SIGIL_USAGE_INVALID"]);
    expect(outcome.stderr).toContain(words);
  });

  it("takes spans and dates", async () => {
    for (const [when, days] of [
      ["12h", 0.5],
      ["8w", 56],
      ["1y", 365],
    ] as const) {
      await here.ok(...SIGN, "--expires", when, "--out", "@when.json");
      const { issued, expires } = (await inspected("@when.json")).signed;
      expect(Date.parse(expires ?? "") - Date.parse(issued ?? "")).toBe(days * 86_400_000);
    }
    await here.ok(...SIGN, "--expires", "2199-01-31", "--out", "@when.json");
    expect((await inspected("@when.json")).signed).toMatchObject({
      expires: "2199-01-31T00:00:00.000Z",
    });
  });
});

describe("sigil-sign cosign", () => {
  it("adds a signature in place, so that a file can be passed around", async () => {
    await here.ok(...SIGN, "--out", "@two.json");
    const outcome = await here.run("cosign", "@two.json", "--key", "@other.key");
    expect([outcome.code, outcome.stdout]).toEqual([0, ""]);
    expect(outcome.stderr).toContain("2 signatures");
    expect((await inspected("@two.json")).keyids).toHaveLength(2);
  });

  it("leaves the file alone with --out", async () => {
    await here.ok(...SIGN, "--out", "@one.json");
    const before = readFileSync(here.at("one.json"), "utf8");
    await here.ok("cosign", "@one.json", "--key", "@other.key", "--out", "@more.json");
    expect(readFileSync(here.at("one.json"), "utf8")).toBe(before);
    expect((await inspected("@more.json")).keyids).toHaveLength(2);
  });

  it("refuses a second signature of one key, and what cannot be signed", async () => {
    await here.ok(...SIGN, "--out", "@one.json");
    const twice = await here.run("cosign", "@one.json", "--key", "@policy.key");
    expect([twice.code, complaint(twice).code]).toEqual([4, "SIGIL_SIGNER_ALREADY_SIGNED"]);
    await here.ok("bundle", "--policy", "@one.json", "--out", "@delivery.json");
    const delivery = await here.run("cosign", "@delivery.json", "--key", "@other.key");
    expect(complaint(delivery).hint).toBe("sign the envelopes, then bundle them");
    const stranger = await here.run("cosign", "@policy.yaml", "--key", "@other.key");
    expect(complaint(stranger).code).toBe("SIGIL_SIGNER_ENVELOPE_INVALID");
  });
});
