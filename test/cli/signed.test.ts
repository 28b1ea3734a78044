import { rmSync } from "node:fs";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generateKey } from "@sigil/signer/key";
import { deliveryText, makeRoot, sealPolicy, sealRoot, trustText } from "@sigil/signer/sign";
import { host, type Host, type Outcome } from "./runner.ts";

const KEY = generateKey();
const TRUST = ".config/sigil/trust.json";
const LOCAL = ".config/sigil/policy.yaml";
const at = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

let here: Host;
beforeEach(() => {
  here = host();
});
afterEach(() => here.close());

function trust(expiresInDays = 300): void {
  const role = { keys: [KEY], threshold: 1 };
  const contents = { version: 1, issued: at(-10), expires: at(expiresInDays) };
  const root = makeRoot({ ...contents, roles: { root: role, policy: role } });
  here.write(TRUST, trustText(sealRoot(root, [KEY]), "acme", ["eng"]));
}

function delivery(version: number, expiresInDays = 90): string {
  const envelope = sealPolicy(
    {
      version,
      issued: at(-1),
      expires: at(expiresInDays),
      audience: { tenant: "acme", groups: ["eng"], platform: "any" },
      policy: Buffer.from("version: 1\ntargets: [{id: ours, tier: standard, paths: [~/ours]}]\n"),
    },
    [KEY],
  );
  return Buffer.from(deliveryText([], envelope)).toString("base64");
}

/** Hands deliveries to an agent, ends it, and leaves what it kept. */
async function kept(...deliveries: readonly string[]): Promise<void> {
  const agent = await here.agent();
  for (const one of deliveries) await hand(one);
  await agent.stop();
}

async function hand(one: string): Promise<void> {
  const socket = connect(here.at(".local/state/sigil/control.sock"));
  socket.write(`${JSON.stringify({ op: "envelope", delivery: one })}\n`);
  let reply = "";
  for await (const chunk of socket.setEncoding("utf8")) reply += chunk as string;
  expect(reply).toContain('"ok":true');
}

const json = (outcome: Outcome) => JSON.parse(outcome.stdout) as unknown;

interface Check {
  readonly id: string;
  readonly status: string;
  readonly detail: string;
}

async function checks(): Promise<Pick<Check, "status" | "detail">[]> {
  const all = (json(await here.sigil(["doctor", "--json"])) as { checks: Check[] }).checks;
  return all
    .filter(({ id }) => id === "signed-policy")
    .map(({ status, detail }) => ({ status, detail }));
}

describe("show policy", () => {
  it("says what counts where nothing is signed", async () => {
    const { code, stdout, stderr } = await here.sigil(["show", "policy"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^known from +files: no agent runs$/m);
    expect(stdout).toMatch(/^layers +baseline$/m);
    expect(stdout).toMatch(/^trust root +none installed$/m);
    expect(stdout).toMatch(/^signed policy +none in force$/m);
  });

  it("says the same of a running agent and of what it left", async () => {
    trust();
    const agent = await here.agent();
    await hand(delivery(4));
    await hand(delivery(3));
    const running = json(await here.sigil(["show", "policy", "--json"]));
    await agent.stop();
    const left = json(await here.sigil(["show", "policy", "--json"]));
    const expected = {
      version: expect.stringMatching(/\+signed:4:[0-9a-f]{12}$/) as string,
      layers: ["baseline", "signed"],
      local: { file: here.at(LOCAL), in_force: false, refused: null },
      signed: {
        trust: { tenant: "acme", groups: ["eng"], root_version: 1 },
        policy: {
          version: 4,
          expired: false,
          keyids: [KEY.keyid],
          audience: { tenant: "acme", groups: ["eng"], hosts: null, platform: "any" },
        },
        least_version: 4,
        unusable: null,
        refused: { reason: "rollback" },
      },
    };
    expect(running).toMatchObject({ source: "agent", ...expected });
    expect(left).toMatchObject({ source: "files", ...expected });
    const { stdout } = await here.sigil(["show", "policy"]);
    expect(stdout).toMatch(/^signed policy +version 4$/m);
    expect(stdout).toMatch(/^ {2}expires +\S+ \(in 89 d /m);
    expect(stdout).toMatch(/^ {2}for +tenant acme, groups eng; platform any$/m);
    expect(stdout).toMatch(/^last refused +\S+: rollback: /m);
  });

  it("says which local file is left out, and other commands do too", async () => {
    trust();
    await kept(delivery(1));
    here.write(LOCAL, "version: 1\noverrides: [{id: ours, disabled: true}]\n");
    const { stdout } = await here.sigil(["show", "policy"]);
    expect(stdout).toMatch(/^! rejected +.*policy\.yaml:2:\d+: "ours" cannot be lowered/m);
    const config = await here.sigil(["show", "config", "--json"]);
    expect(config.code).toBe(0);
    expect(config.stderr).toMatch(/^sigil: the local policy is left out: .*ours/);
    expect(json(config)).toMatchObject({ policy: { layers: ["baseline", "signed"] } });
    expect(json(await here.sigil(["doctor", "--json"]))).toMatchObject({ status: "error" });
  });

  it("looks at the rest when the trust root cannot be used", async () => {
    here.write(TRUST, "{}");
    const { code, stdout, stderr } = await here.sigil(["show", "policy"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^sigil: signed policy is not known: /);
    expect(stdout).toMatch(/^layers +baseline$/m);
  });
});

describe("doctor's check of signed policy", () => {
  it("is information where there is no trust root, or no policy yet", async () => {
    expect(await checks()).toMatchObject([{ status: "info" }]);
    trust();
    expect(await checks()).toEqual([{ status: "info", detail: "none has come yet; tenant acme" }]);
  });

  it("is an error when the trust root is none", async () => {
    here.write(TRUST, "{}");
    expect(await checks()).toMatchObject([
      { status: "error", detail: expect.stringContaining("SIGIL_TRUST_INVALID") as string },
    ]);
  });

  it("is fine, then warns of a refusal", async () => {
    trust();
    await kept(delivery(2));
    expect(await checks()).toMatchObject([{ status: "ok" }]);
    await kept(delivery(1));
    expect(await checks()).toMatchObject([
      { status: "ok" },
      { status: "warning", detail: expect.stringContaining("rollback") as string },
    ]);
  });

  it("warns before policy or trust root expire", async () => {
    trust(13);
    await kept(delivery(1, 13.5));
    expect(await checks()).toMatchObject([
      { status: "warning", detail: expect.stringMatching(/13 d 1\d h left$/) as string },
      { status: "warning", detail: expect.stringContaining("expires in 1") as string },
    ]);
  });

  it("is an error when what was in force cannot be used any more", async () => {
    trust();
    await kept(delivery(1));
    rmSync(here.at(TRUST));
    expect(await checks()).toMatchObject([
      { status: "error", detail: expect.stringContaining("no_trust_root") as string },
    ]);
  });
});
