/** A directory on the way is not there, is none, or is a link in a circle. */
const NOWHERE: ReadonlySet<string | null> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/** True when nobody reaches anything by such a path, whatever rights they have: what was there is gone from it. */
export function leadsNowhere(errno: string | null): boolean {
  return NOWHERE.has(errno);
}
