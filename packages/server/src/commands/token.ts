import { EXIT, print, printJson, usageError } from "@sigil/cli";
import type { Scope, TokenRecord } from "../registry/model.ts";
import { note, type CommandContext } from "./context.ts";
import { printRows, shortTime } from "./print.ts";
import { checkGroup, withRegistry } from "./registry.ts";

export interface CreateFlags {
  readonly scope: readonly Scope[];
  readonly group?: string;
  readonly uses?: number;
  readonly replace?: boolean;
  readonly days?: number;
  readonly label: string;
  readonly json?: boolean;
}

/** Whoever holds such a token can become a host: it should not lie about. Days. */
const ENROLL_DAYS = 7;
const DAY = 86_400_000;
const MAX_LABEL = 200;

/** `sigil-server token create`: the secret is printed once and kept nowhere. */
export async function createToken(context: CommandContext, flags: CreateFlags): Promise<number> {
  const token = tokenOf(flags);
  const at = new Date().toISOString();
  const { id, secret } = await withRegistry(context, (registry) => registry.createToken(token, at));
  if (flags.json) {
    printJson({ id, secret, ...token });
    return EXIT.ok;
  }
  print(secret);
  const end =
    token.expires_at === null ? "does not end by itself" : `ends ${shortTime(token.expires_at)}`;
  note(`token ${id} (${token.scopes.join(", ")}) ${end}; it is not shown again`);
  return EXIT.ok;
}

function tokenOf(flags: CreateFlags): Omit<TokenRecord, "id" | "created_at"> {
  const scopes = [...new Set(flags.scope)];
  const enrolls = scopes.includes("enroll");
  if (!enrolls && (flags.group ?? flags.uses ?? flags.replace) !== undefined)
    throw usageError("--group, --uses and --replace go with --scope enroll");
  if (flags.label.length > MAX_LABEL) throw usageError(`--label has over ${MAX_LABEL} characters`);
  const days = flags.days ?? (enrolls ? ENROLL_DAYS : null);
  return {
    scopes,
    group: flags.group === undefined ? null : checkGroup(flags.group),
    uses_left: flags.uses ?? null,
    replace: flags.replace ?? false,
    expires_at: days === null ? null : new Date(Date.now() + days * DAY).toISOString(),
    label: flags.label,
  };
}

/** `sigil-server token list`. */
export async function listTokens(
  context: CommandContext,
  flags: { readonly json?: boolean },
): Promise<number> {
  const all = await withRegistry(context, (registry) => registry.tokens());
  printRows(flags.json, all, ["ID", "SCOPES", "GROUP", "USES", "UNTIL", "LABEL"], (at) => {
    const { id, scopes, group, uses_left, expires_at, label } = all[at] as TokenRecord;
    const enrolls = scopes.includes("enroll");
    const uses = enrolls ? String(uses_left ?? "any") : "-";
    return [
      id,
      scopes.join(","),
      enrolls ? (group ?? "default") : "-",
      uses,
      shortTime(expires_at),
      label,
    ];
  });
  return EXIT.ok;
}

/** `sigil-server token revoke`. @returns 1 when there is no such token */
export async function revokeToken(context: CommandContext, id: string): Promise<number> {
  const wasThere = await withRegistry(context, (registry) => registry.deleteToken(id));
  print(wasThere ? `revoked ${id}` : `there is no token ${id}`);
  return wasThere ? EXIT.ok : EXIT.negative;
}
