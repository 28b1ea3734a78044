import { EXIT, print, printable, printJson } from "@sigil/cli";
import { fail } from "../../errors.ts";
import { readSealed } from "../../sign.ts";
import {
  openDelivery,
  readTrust,
  startState,
  VERIFY_LIMITS,
  type HostPlatform,
  type OpenContext,
  type Trust,
  type Verdict,
} from "../../verify.ts";
import { readFile } from "../files.ts";
import { readSealedBytes } from "../sealed.ts";
import { timeOf } from "../when.ts";
import { audienceText } from "./sign.ts";

export interface VerifyFlags {
  readonly trust: string;
  readonly host?: string;
  readonly platform?: HostPlatform;
  readonly at?: string;
  readonly json?: boolean;
}

/** `sigil-sign verify FILE`. What a host has accepted before is not known here, so nothing is too old. */
export function verify(file: string, flags: VerifyFlags): number {
  const now = flags.at === undefined ? Date.now() : timeOf(flags.at, "--at");
  const trust = loadTrust(flags.trust);
  const host = { id: flags.host ?? "", platform: flags.platform ?? platformHere() };
  const bytes = asDelivery(readSealedBytes(file));
  const verdict = openDelivery(bytes, { trust, state: startState(trust, null), host, now });
  if (flags.json) printJson(summary(verdict));
  else printVerdict(file, verdict, host);
  return verdict.kind === "rejected" ? EXIT.negative : EXIT.ok;
}

/** @throws SIGIL_TRUST_UNREADABLE, SIGIL_TRUST_INVALID */
function loadTrust(path: string): Trust {
  try {
    return readTrust(readFile(path, { max: VERIFY_LIMITS.trust_max_bytes }));
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    if (error.code !== "SIGIL_SIGNER_FILE_UNREADABLE") throw error;
    throw fail("SIGIL_TRUST_UNREADABLE", error.message, { cause: error });
  }
}

/** An envelope alone is a delivery of it; anything else is for the host's own checks to name. */
function asDelivery(bytes: Buffer): Uint8Array {
  const sealed = readSealed(bytes);
  if (typeof sealed === "string" || sealed.kind === "delivery") return bytes;
  const { kind, envelope } = sealed;
  const delivery =
    kind === "root" ? { roots: [envelope], policy: null } : { roots: [], policy: envelope };
  return Buffer.from(JSON.stringify({ schema_version: 1, ...delivery }));
}

function platformHere(): HostPlatform {
  if (process.platform === "win32") return "windows";
  return process.platform === "darwin" ? "macos" : "linux";
}

/** What programs read; without the policy itself. */
function summary(verdict: Verdict): object {
  const { root_version } = verdict.state;
  if (verdict.kind === "rejected") {
    const { reason, detail } = verdict;
    return { verdict: "rejected", reason, detail, root_version };
  }
  if (verdict.kind === "unchanged") return { verdict: "no_policy", root_version };
  const { parts, ...policy } = verdict.policy;
  const bytes = { policy: parts.policy.length, rubric: parts.rubric?.length ?? null };
  return { verdict: "accepted", root_version, policy: { ...policy, bytes } };
}

function printVerdict(file: string, verdict: Verdict, host: OpenContext["host"]): void {
  const { root_version } = verdict.state;
  const name = printable(file);
  if (verdict.kind === "rejected") {
    print(`${name}: refused: ${verdict.reason}: ${printable(verdict.detail)}`);
    return;
  }
  if (verdict.kind === "unchanged") {
    print(`${name}: trust root ${root_version} is believed; there is no policy in it`);
    return;
  }
  const { version, expires, audience, keyids } = verdict.policy;
  print(`${name}: accepted under trust root ${root_version}`);
  print(`  version ${version}, until ${expires}`);
  print(`  for ${audienceText(audience)}; checked for ${host.platform}`);
  for (const keyid of keyids) print(`  signed by ${keyid}`);
}
