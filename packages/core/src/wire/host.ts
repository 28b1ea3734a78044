/** What precedes a host id, percent-encoded, in the SAN URI of a host's certificate. */
export const HOST_URI = "sigil:host:";

/** Longest host id on the wire, in UTF-16 units. */
const MAX_HOST_ID = 128;

/** 1 to 128 characters, each a letter, mark, number, punctuation or symbol. */
export function isHostId(text: string): boolean {
  return text.length <= MAX_HOST_ID && /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+$/u.test(text);
}

/**
 * The SAN URI of a host, encoded as by `encodeURIComponent`, and the apostrophe too: Node.js quotes a name that has one.
 * @param hostId checked by {@link isHostId}
 */
export function hostUri(hostId: string): string {
  return HOST_URI + encodeURIComponent(hostId).replaceAll("'", "%27");
}

/**
 * The host a SAN URI names, or null. Only the one spelling that {@link hostUri} gives counts: a host has one name, so
 * that nothing which compares names can be made to see two hosts in one, or one in two.
 */
export function hostOf(uri: string): string | null {
  if (!uri.startsWith(HOST_URI)) return null;
  let hostId: string;
  try {
    hostId = decodeURIComponent(uri.slice(HOST_URI.length));
  } catch {
    return null;
  }
  return isHostId(hostId) && hostUri(hostId) === uri ? hostId : null;
}

/**
 * The one host that a certificate's alternative names speak of, as Node.js prints them: `URI:…, DNS:…`, a name with
 * special characters in JSON quotes (CVE-2021-44532). A host's name needs no quotes, so a quote anywhere means it is not
 * this project's. Two hosts are none: which of them it is would be anybody's choice.
 */
export function hostIn(alternativeNames: string): string | null {
  if (alternativeNames.includes('"')) return null;
  const uris = alternativeNames
    .split(", ")
    .filter((name) => name.startsWith(`URI:${HOST_URI}`))
    .map((name) => name.slice("URI:".length));
  const [only, ...others] = uris;
  return only === undefined || others.length > 0 ? null : hostOf(only);
}
