import { z } from "zod";
import { parseDocument } from "yaml";
import { utf8 } from "./bytes.ts";
import { firstIssue, instantSchema, nameSchema, versionSchema } from "./fields.ts";
import { refuse, type Refusal } from "./reason.ts";

export const PLATFORMS = ["any", "linux", "macos", "windows"] as const;

const partSchema = z.strictObject({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  bytes: z.int().min(0),
});

/**
 * Whom a policy is for. Neither groups nor hosts: every host of the tenant. An empty list is refused, so that nothing
 * that was left out by mistake makes a policy everybody's.
 */
export const audienceSchema = z.strictObject({
  tenant: nameSchema,
  groups: z.array(nameSchema).min(1).optional(),
  hosts: z.array(nameSchema).min(1).optional(),
  platform: z.enum(PLATFORMS),
});

/** The payload of a policy envelope. */
export const metadataSchema = z.strictObject({
  version: versionSchema,
  issued: instantSchema,
  expires: instantSchema,
  audience: audienceSchema,
  parts: z.strictObject({ policy: partSchema, rubric: partSchema.optional() }),
});

export type Audience = z.output<typeof audienceSchema>;
export type PolicyMetadata = z.output<typeof metadataSchema>;

/** Reads the payload of a policy envelope, whose signatures were checked before. */
export function readMetadata(payload: Uint8Array): PolicyMetadata | Refusal {
  const text = utf8(payload);
  if (text === null) return malformed("it is not UTF-8");
  const parsed = metadataSchema.safeParse(yaml(text));
  if (!parsed.success) return malformed(firstIssue(parsed.error));
  const { issued, expires } = parsed.data;
  if (Date.parse(expires) <= Date.parse(issued)) return malformed("it expires before it is issued");
  return parsed.data;
}

/** No aliases: metadata has nothing to say twice. @returns undefined when it is not YAML */
function yaml(text: string): unknown {
  try {
    const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true });
    if (document.errors.length > 0) return undefined;
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch {
    return undefined;
  }
}

function malformed(detail: string): Refusal {
  return refuse("malformed", `policy metadata: ${detail}`);
}
