import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { problem } from "../problem.ts";
import type { Page, StoredEvent } from "../store/model.ts";
import { queryProblem } from "./query.ts";

/** Answers are about now, and for whoever asked. */
export function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
  return sendText(reply, "application/json; charset=utf-8", JSON.stringify(value));
}

export function sendText(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.type(type).header("cache-control", "no-store").send(text);
}

/** @returns the query, or null when it was answered with what is wrong with it */
export function readQuery<Schema extends z.ZodType>(
  request: FastifyRequest,
  reply: FastifyReply,
  schema: Schema,
): z.output<Schema> | null {
  const parsed = schema.safeParse(request.query);
  if (parsed.success) return parsed.data;
  problem(reply, "query-invalid", queryProblem(parsed.error));
  return null;
}

/** A page of events, each beside what the server knows of it; the event's own text is what came. */
export function sendEvents(reply: FastifyReply, { items, next }: Page<StoredEvent>): FastifyReply {
  const texts = items.map(({ line, ...about }) => {
    const { sequence, spool_id, received_at } = about;
    return `${JSON.stringify({ sequence, spool_id, received_at }).slice(0, -1)},"event":${line}}`;
  });
  const text = `{"items":[${texts.join(",")}],"next":${JSON.stringify(next)}}`;
  return sendText(reply, "application/json; charset=utf-8", text);
}

/** The events as they came, a line each; where it goes on is in a header. */
export function sendLines(reply: FastifyReply, { items, next }: Page<StoredEvent>): FastifyReply {
  if (next !== null) void reply.header("sigil-next", next);
  return sendText(reply, "application/jsonl", items.map(({ line }) => `${line}\n`).join(""));
}

/** Rows asked for at once: what they weigh is known only when they are there. */
const PIECE = 50;

type Ask<Item> = (page: {
  readonly limit: number;
  readonly cursor?: string;
}) => Promise<Page<Item>>;

/**
 * One page, that ends early when it is large enough: a thousand events of the largest size would be more than a
 * server should hold for one reader.
 */
export async function boundedPage(
  wanted: { readonly limit: number; readonly cursor?: string | undefined },
  maxBytes: number,
  ask: Ask<StoredEvent>,
): Promise<Page<StoredEvent>> {
  const items: StoredEvent[] = [];
  let bytes = 0;
  let next = wanted.cursor ?? null;
  do {
    const limit = Math.min(PIECE, wanted.limit - items.length);
    const page = await ask({ limit, ...(next === null ? {} : { cursor: next }) });
    for (const item of page.items) bytes += item.line.length;
    items.push(...page.items);
    next = page.next;
    // An empty piece may still have a next: the store looked at as much as it looks at for one page.
    if (page.items.length === 0) break;
  } while (next !== null && items.length < wanted.limit && bytes < maxBytes);
  return { items, next };
}
