import { z } from "zod";

/** Most items of a page. */
const MAX_LIMIT = 1000;
/** Most values of a filter that may be given more than once. */
const MAX_VALUES = 32;

/** `a=1&a=2` comes as an array, `a=1` as a string. */
function many<Item extends z.ZodType<unknown, string>>(item: Item) {
  return z.preprocess(
    (value) => (typeof value === "string" ? [value] : value),
    z.array(item).max(MAX_VALUES).optional(),
  );
}

/** RFC 3339, made what the store compares: UTC, milliseconds. */
const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .optional();

const page = {
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(100),
  cursor: z.string().min(1).max(1024).optional(),
};

const host = z.string().min(1).max(128).optional();

export const hostsQuery = z.strictObject(page);

export const eventsQuery = z.strictObject({
  ...page,
  host,
  kind: many(z.string().min(1).max(64)),
  severity: many(z.enum(["info", "warn", "high", "critical"])),
  since: time,
  until: time,
  repeats: z.enum(["true", "false"]).default("false"),
  format: z.enum(["json", "jsonl"]).default("json"),
});

export const riskQuery = z.strictObject({
  ...page,
  host,
  min_score: z.coerce.number().min(0).max(10).optional(),
});

export const driftQuery = z.strictObject({ ...page, host, since: time });

/** What is wrong with a query, in a sentence. */
export function queryProblem(error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return "the query is not valid";
  if (issue.code === "unrecognized_keys") return `unknown parameter: ${issue.keys.join(", ")}`;
  return `${issue.path.join(".")}: ${issue.message}`;
}
