import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ceremony, complaint, SIGN, type Bench } from "./bench.ts";

let here: Bench;
beforeAll(async () => {
  here = await ceremony();
  await here.ok(...SIGN, "--out", "@policy.json");
  await here.ok(
    "bundle",
    "--root",
    "@root-1.json",
    "--policy",
    "@policy.json",
    "--out",
    "@delivery.json",
  );
});
afterAll(() => here.remove());

const TRUST = ["--trust", "@trust.json"];
const changed = (name: string, from: string, to: string) =>
  here.write("changed.json", readFileSync(here.at(name), "utf8").replace(from, to));

describe("sigil-sign verify", () => {
  it.each(["@policy.json", "@delivery.json"])(
    "accepts %s and says for whom it is",
    async (file) => {
      const verdict = await here.ok("verify", file, ...TRUST);
      expect(verdict).toMatch(
        /accepted under trust root 1\n {2}version 7, until .*\n {2}for tenant acme/,
      );
      const json = JSON.parse(await here.ok("verify", file, ...TRUST, "--json")) as object;
      expect(json).toMatchObject({
        verdict: "accepted",
        policy: { version: 7, audience: { tenant: "acme" }, bytes: { rubric: null } },
      });
    },
  );

  it.each([
    ["a wrong key", "--key", "@other.key", "unknown_key"],
    ["another tenant", "--tenant", "other", "wrong_audience"],
    ["another group", "--group", "ops", "wrong_audience"],
    ["one host", "--host", "h1", "wrong_audience"],
  ])("refuses %s with exit code 1 and the reason", async (_what, option, value, reason) => {
    const words =
      option === "--key"
        ? [...SIGN.slice(0, 2), option, value, ...SIGN.slice(4)]
        : [...SIGN, option, value];
    await here.ok(...words, "--out", "@wrong.json");
    const outcome = await here.run("verify", "@wrong.json", ...TRUST);
    expect(outcome).toMatchObject({ code: 1, stderr: "" });
    expect(outcome.stdout).toContain(`refused: ${reason}: `);
    const json = await here.run("verify", "@wrong.json", ...TRUST, "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ verdict: "rejected", reason });
  });

  it("accepts one host's policy for that host", async () => {
    await here.ok(...SIGN, "--host", "h1", "--out", "@h1.json");
    await here.ok("verify", "@h1.json", ...TRUST, "--host", "h1");
  });

  it("judges by the time it is given", async () => {
    const late = await here.run("verify", "@policy.json", ...TRUST, "--at", "2198-01-01T00:00:00Z");
    expect(late.stdout).toContain("root_expired");
    const early = await here.run("verify", "@policy.json", ...TRUST, "--at", "2020-01-01");
    expect(early.stdout).toContain("clock_set_back");
    const never = await here.run("verify", "@policy.json", ...TRUST, "--at", "tomorrow");
    expect([never.code, complaint(never).code]).toEqual([2, "SIGIL_USAGE_INVALID"]);
  });

  it("refuses a file that was changed", async () => {
    const file = changed("policy.json", '"policy": "', '"policy": "AAAA');
    expect((await here.run("verify", file, ...TRUST)).stdout).toContain("part_mismatch");
    const other = changed("policy.json", "vnd.sigil.policy.v1", "vnd.sigil.policy.v2");
    expect((await here.run("verify", other, ...TRUST)).code).toBe(1);
    expect((await here.run("verify", "@policy.yaml", ...TRUST)).stdout).toContain("malformed");
  });

  it("says when the trust file is not one, and when there is none", async () => {
    const none = await here.run("verify", "@policy.json", "--trust", "@none.json");
    expect([none.code, complaint(none).code]).toEqual([3, "SIGIL_TRUST_UNREADABLE"]);
    const other = await here.run("verify", "@policy.json", "--trust", "@root-1.json");
    expect([other.code, complaint(other).code]).toEqual([3, "SIGIL_TRUST_INVALID"]);
  });
});

describe("sigil-sign inspect", () => {
  it("shows all of a delivery, and that nothing of it is verified", async () => {
    const outcome = await here.run("inspect", "@delivery.json");
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toMatch(/^trust root 1\n[^]*^policy 7\n[^]*tenant acme, every host/m);
    expect(outcome.stderr).toContain("nothing of this is verified");
    const json = JSON.parse(await here.ok("inspect", "@delivery.json", "--json")) as object;
    expect(json).toMatchObject({
      kind: "delivery",
      verified: false,
      contents: [{ kind: "root" }, { kind: "policy", signed: { version: 7 } }],
    });
  });

  it("shows what nobody has signed", async () => {
    const { payload, payloadType, parts } = JSON.parse(
      readFileSync(here.at("policy.json"), "utf8"),
    ) as Record<string, unknown>;
    const file = here.write(
      "bare.json",
      JSON.stringify({ payloadType, payload, parts, signatures: [] }),
    );
    expect(await here.ok("inspect", file)).toContain("says signed by  nobody");
  });

  it("does not let a name write to the terminal", async () => {
    const file = changed("policy.json", '"keyid": "', '"keyid": "\\u001b[2J');
    expect(await here.ok("inspect", file)).toContain("\\u001b[2J");
  });

  it("says what a file is not", async () => {
    const outcome = await here.run("inspect", "@policy.yaml");
    expect([outcome.code, complaint(outcome).code]).toEqual([4, "SIGIL_SIGNER_ENVELOPE_INVALID"]);
    const trust = await here.run("inspect", "@trust.json");
    expect(trust.stderr).toContain("it is no envelope and no delivery");
  });
});

describe("sigil-sign bundle", () => {
  it("refuses nothing at all, gaps, and what stands in the wrong place", async () => {
    expect(complaint(await here.run("bundle")).code).toBe("SIGIL_USAGE_INVALID");
    const policy = await here.run("bundle", "--root", "@policy.json");
    expect(policy.stderr).toContain("is no trust root but a policy");
    const root = await here.run("bundle", "--policy", "@root-1.json");
    expect(root.stderr).toContain("is no signed policy but a root");
    const twice = await here.run("bundle", "--root", "@root-1.json", "--root", "@root-1.json");
    expect(complaint(twice).code).toBe("SIGIL_SIGNER_ENVELOPE_INVALID");
  });
});
