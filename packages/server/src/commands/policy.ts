import { EXIT, print, printJson } from "@sigil/cli";
import { nodeFiles, whyUnread } from "@sigil/host";
import { openDelivery, readTrust, startState } from "@sigil/signer/verify";
import { loadSettings } from "../config.ts";
import { fail } from "../errors.ts";
import { deliveryOf } from "../published.ts";
import type { PublishedPolicy } from "../registry/model.ts";
import { note, type CommandContext } from "./context.ts";
import { printRows, shortTime } from "./print.ts";
import { checkGroup, withRegistry } from "./registry.ts";

export interface PublishFlags {
  readonly group: string;
  readonly trust?: string;
  readonly json?: boolean;
}

/** `sigil-server policy publish`. @throws SIGIL_SERVER_POLICY, SIGIL_TRUST_INVALID */
export async function publishPolicy(
  context: CommandContext,
  file: string,
  flags: PublishFlags,
): Promise<number> {
  const group = checkGroup(flags.group);
  const { max_policy_bytes } = loadSettings(context.config).limits;
  const bytes = deliveryOf(await readBytes(file, max_policy_bytes));
  const warning = flags.trust === undefined ? null : await refusalOf(bytes, flags.trust);
  if (warning !== null) note(`warning: a host with this trust would refuse it: ${warning}`);
  const at = new Date().toISOString();
  const { etag } = await withRegistry(context, (registry) => registry.publish(group, bytes, at));
  const published = { group, etag, bytes: bytes.length, published_at: at, warning };
  if (flags.json) printJson(published);
  else print(`published for group ${group}: ${bytes.length} bytes, ETag ${etag}`);
  return EXIT.ok;
}

/** As a host that knows nothing yet and is in all that its trust file says. @returns null when it would accept it */
async function refusalOf(bytes: Uint8Array, trustFile: string): Promise<string | null> {
  const trust = readTrust(await readBytes(trustFile, 1024 * 1024));
  const state = startState(trust, null);
  const host = { id: "any", platform: "linux" } as const;
  const verdict = openDelivery(bytes, { trust, state, host, now: Date.now() });
  return verdict.kind === "rejected" ? `${verdict.reason}, ${verdict.detail}` : null;
}

/** Text, since both kinds are JSON. */
async function readBytes(file: string, maxBytes: number): Promise<Uint8Array> {
  const read = await nodeFiles().read(file, { follow: true, maxBytes });
  if (read.kind === "read") return new TextEncoder().encode(read.text);
  throw fail("SIGIL_SERVER_POLICY", `cannot read ${file}: ${whyUnread(read)}`);
}

/** `sigil-server policy list`. */
export async function listPolicies(
  context: CommandContext,
  flags: { readonly json?: boolean },
): Promise<number> {
  const all = await withRegistry(context, (registry) => registry.policies());
  printRows(flags.json, all, ["GROUP", "PUBLISHED", "ETAG"], (at) => {
    const { group, published_at, etag } = all[at] as Omit<PublishedPolicy, "bytes">;
    return [group, shortTime(published_at), etag];
  });
  return EXIT.ok;
}

/** `sigil-server policy remove`. @returns 1 when there was none */
export async function removePolicy(
  context: CommandContext,
  { group }: { readonly group: string },
): Promise<number> {
  const wasThere = await withRegistry(context, (registry) => registry.unpublish(group));
  print(wasThere ? `removed the policy of group ${group}` : `group ${group} has no policy`);
  return wasThere ? EXIT.ok : EXIT.negative;
}
