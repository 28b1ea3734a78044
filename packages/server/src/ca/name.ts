import { isHostIdText } from "@sigil/host";

/** What precedes a host id, percent-encoded as by `encodeURIComponent`, in the SAN URI of a host's certificate. */
export const HOST_URI = "sigil:host:";

/** Longest host id on the wire, in UTF-16 units. */
const MAX_HOST_ID = 128;

/** 1 to 128 printable characters without white space. */
export function isHostId(text: string): boolean {
  return text.length <= MAX_HOST_ID && isHostIdText(text);
}

/** The SAN URI of a host. @param hostId checked by {@link isHostId} */
export function hostUri(hostId: string): string {
  return HOST_URI + encodeURIComponent(hostId);
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
