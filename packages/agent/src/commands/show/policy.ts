import { alignColumns, durationText, EXIT, print, printable, printJson } from "@sigil/cli";
import { askIfRunning } from "../../control/client.ts";
import type { AgentStatus } from "../../health/status.ts";
import { policySeen } from "../../policy/here.ts";
import { statusOfFiles, type SignedStatus } from "../../policy/signed/status.ts";
import { note, type CommandContext } from "../context.ts";

export interface PolicyFlags {
  readonly json?: boolean;
}

/** The layers in force, and where that is known from. */
interface Shown {
  readonly source: "agent" | "files";
  readonly version: string;
  readonly layers: readonly string[];
  /** The local policy file, whether it is in force, and why it is not. */
  readonly local: {
    readonly file: string;
    readonly in_force: boolean;
    readonly refused: string | null;
  };
  readonly signed: SignedStatus | null;
}

/** `sigil show policy`. @throws SIGIL_POLICY_* of a local file that keeps an agent from starting */
export async function showPolicy(context: CommandContext, flags: PolicyFlags): Promise<number> {
  const shown = (await fromAgent(context)) ?? (await fromFiles(context));
  if (flags.json) printJson(shown);
  else for (const line of linesOf(shown, Date.now())) print(line);
  return EXIT.ok;
}

async function fromAgent({ config }: CommandContext): Promise<Shown | null> {
  const status = (await askIfRunning(config.paths.control, { op: "status" })) as AgentStatus | null;
  if (status === null) return null;
  const refused = status.conditions.find(({ code }) => code === "policy-rejected");
  return {
    source: "agent",
    version: status.policy_version,
    layers: status.policy_layers,
    local: {
      file: config.paths.policy,
      in_force: status.policy_file !== null,
      refused: refused?.detail ?? null,
    },
    signed: status.signed,
  };
}

async function fromFiles({ config, policyRequired }: CommandContext): Promise<Shown> {
  const seen = await policySeen(config, policyRequired);
  if (seen.trustError) note(`signed policy is not known: ${printable(seen.trustError.message)}`);
  const { version, layers, file } = seen.policy;
  return {
    source: "files",
    version,
    layers,
    local: {
      file: config.paths.policy,
      in_force: file !== null,
      refused: seen.refused?.message ?? null,
    },
    signed: seen.signed && statusOfFiles(seen.signed, Date.now()),
  };
}

type Row = readonly [string, string];

function linesOf(shown: Shown, now: number): string[] {
  const { local, signed } = shown;
  const localText = local.in_force ? local.file : `none in force (${local.file})`;
  const rows: Row[] = [
    ["known from", shown.source === "agent" ? "the running agent" : "files: no agent runs"],
    ["version", shown.version],
    ["layers", shown.layers.join(", ")],
    ["local file", localText],
    ...(local.refused === null ? [] : [["! rejected", local.refused] as const]),
    ...(signed ? signedRows(signed, now) : []),
  ];
  return alignColumns(rows.map(([name, value]) => [name, printable(value)]));
}

function signedRows(signed: SignedStatus, now: number): Row[] {
  const { trust, policy, unusable, refused } = signed;
  return [
    ["trust root", trust ? trustText(trust, now) : "none installed"],
    ...(trust ? [["this host", whoText(trust.tenant, trust.groups)] as const] : []),
    ["signed policy", policy ? `version ${policy.version}` : "none in force"],
    ...(policy ? policyRows(policy, now) : []),
    ...(unusable ? [["! unusable", `${unusable.reason}: ${unusable.detail}`] as const] : []),
    ...(refused
      ? [["last refused", `${refused.at}: ${refused.reason}: ${refused.detail}`] as const]
      : []),
    ...(signed.refusals_total > 0
      ? [["refused so far", String(signed.refusals_total)] as const]
      : []),
  ];
}

function policyRows(policy: NonNullable<SignedStatus["policy"]>, now: number): Row[] {
  const { audience } = policy;
  const whom = [
    whoText(audience.tenant, audience.groups ?? []),
    ...(audience.hosts ? [`hosts ${audience.hosts.join(", ")}`] : []),
    `platform ${audience.platform}`,
  ];
  return [
    ["  issued", policy.issued],
    ["  expires", untilText(policy.expires, now)],
    ["  for", whom.join("; ")],
    ["  digest", policy.digest],
    ...policy.keyids.map((keyid): Row => ["  signed by", keyid]),
  ];
}

function trustText(trust: NonNullable<SignedStatus["trust"]>, now: number): string {
  return `version ${trust.root_version}, expires ${untilText(trust.root_expires, now)}`;
}

function whoText(tenant: string, groups: readonly string[]): string {
  const named = groups.length > 0 ? `, groups ${groups.join(", ")}` : "";
  return `tenant ${tenant}${named}`;
}

function untilText(time: string, now: number): string {
  const left = Date.parse(time) - now;
  return left <= 0 ? `${time} (expired)` : `${time} (in ${durationText(left / 1000)})`;
}
