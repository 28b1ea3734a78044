import { z } from "zod";

/** RFC 3339 in UTC, as `Date.toISOString` writes it; fractions may be absent. */
export const instantSchema = z.iso
  .datetime()
  .regex(/T\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/, "use RFC 3339 in UTC, such as 2027-01-31T00:00:00Z");

/** From 1 on; 2^53 - 1 is the last. */
export const versionSchema = z.int().min(1);

/** A tenant, a group or a host: printable ASCII without spaces. */
export const nameSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, "use 1 to 128 printable ASCII characters without spaces");

/** SHA-256 of the public key, in hex. */
export const keyidSchema = z.string().regex(/^[0-9a-f]{64}$/, "a keyid is 64 hex digits");

/** The first thing wrong, as `field: what`. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return "not valid";
  const path = issue.path.map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
