import { EXIT, usageError } from "@sigil/cli";
import { nameSchema } from "../../fields.ts";
import type { Audience } from "../../metadata.ts";
import { envelopeText, sealPolicy } from "../../sign.ts";
import { utf8 } from "../../bytes.ts";
import { fail } from "../../errors.ts";
import { VERIFY_LIMITS } from "../../verify.ts";
import { checkPolicy, checkRubric } from "../check.ts";
import { emit, readFile } from "../files.ts";
import { loadKeys } from "../keys.ts";
import { note } from "../style.ts";
import { expiryOf } from "../when.ts";

export interface SignFlags {
  readonly key: readonly string[];
  readonly passphraseFile?: string;
  readonly policyVersion: number;
  readonly expires: string;
  readonly tenant: string;
  readonly group?: readonly string[];
  readonly host?: readonly string[];
  readonly platform: Audience["platform"];
  readonly rubric?: string;
  /** False with `--no-check`. */
  readonly check: boolean;
  readonly out?: string;
}

/** `sigil-sign sign POLICY`. */
export async function sign(file: string, flags: SignFlags): Promise<number> {
  const now = Date.now();
  const expires = expiryOf(flags.expires, now);
  const audience = audienceOf(flags);
  const policy = readPart(file, flags.check ? checkPolicy : null);
  const rubric =
    flags.rubric === undefined ? null : readPart(flags.rubric, flags.check ? checkRubric : null);
  const keys = await loadKeys(flags.key, flags.passphraseFile);
  const issued = new Date(now).toISOString();
  const version = flags.policyVersion;
  const envelope = sealPolicy({ version, issued, expires, audience, policy, rubric }, keys);
  emit(envelopeText(envelope), flags.out);
  note(`version ${version}, for ${audienceText(audience)}, until ${expires}`);
  return EXIT.ok;
}

function readPart(file: string, check: ((text: string, name: string) => void) | null): Uint8Array {
  const bytes = readFile(file, { max: VERIFY_LIMITS.part_max_bytes });
  const text = utf8(bytes);
  if (text === null) throw fail("SIGIL_SIGNER_POLICY_INVALID", `${file} is not UTF-8`);
  check?.(text, file);
  return bytes;
}

function audienceOf({ tenant, group, host, platform }: SignFlags): Audience {
  for (const [option, names] of [
    ["--tenant", [tenant]],
    ["--group", group ?? []],
    ["--host", host ?? []],
  ] as const)
    for (const name of names)
      if (!nameSchema.safeParse(name).success)
        throw usageError(`${option}: "${name}" is no name`, {
          hint: "use 1 to 128 printable ASCII characters without spaces",
        });
  return {
    tenant,
    ...(group ? { groups: [...group] } : {}),
    ...(host ? { hosts: [...host] } : {}),
    platform,
  };
}

/** `tenant acme, groups eng and ops, linux`. */
export function audienceText({ tenant, groups, hosts, platform }: Audience): string {
  const some = [
    ...(groups ? [`groups ${groups.join(", ")}`] : []),
    ...(hosts ? [`hosts ${hosts.join(", ")}`] : []),
  ].join(" and ");
  const where = platform === "any" ? "every platform" : platform;
  return `tenant ${tenant}, ${some === "" ? "every host" : some}, ${where}`;
}
