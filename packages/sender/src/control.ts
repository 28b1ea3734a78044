import { connect } from "node:net";
import { errnoOf, messageOf } from "@sigil/core/plain";
import { z } from "zod";
import { fail } from "./errors.ts";

/** What the sender asks of the agent over its control socket; the agent answers one line a connection. */
export type ControlRequest =
  | { readonly op: "status" }
  | { readonly op: "envelope"; readonly delivery: string };

/** Longest answer that is read. Bytes. */
const MAX_REPLY_BYTES = 4 * 1024 * 1024;

const replySchema = z.union([
  z.looseObject({ ok: z.literal(true), value: z.unknown() }),
  z.looseObject({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);

/** What the agent did with a delivery; the sender only passes it on. */
export const envelopeReplySchema = z.looseObject({
  outcome: z.enum(["applied", "unchanged", "rejected"]),
  reason: z.string().nullish(),
  detail: z.string().nullish(),
  version: z.int().nullish(),
  policy_version: z.string().nullish(),
});
export type EnvelopeReply = Readonly<z.output<typeof envelopeReplySchema>>;

/**
 * One request to the running agent.
 * @throws SIGIL_SENDER_AGENT_UNREACHABLE when none answers, SIGIL_SENDER_AGENT_REFUSED when it will not or cannot be understood
 */
export async function askAgent(
  path: string,
  request: ControlRequest,
  timeoutMs: number,
): Promise<unknown> {
  const bytes = await exchange(path, `${JSON.stringify(request)}\n`, timeoutMs);
  const reply = replySchema.safeParse(parse(bytes));
  if (!reply.success) throw fail("SIGIL_SENDER_AGENT_REFUSED", "the agent's answer cannot be read");
  if (reply.data.ok) return reply.data.value;
  const { code, message } = reply.data;
  throw fail("SIGIL_SENDER_AGENT_REFUSED", `the agent answered: ${message} [${code}]`, {
    context: { code },
  });
}

function exchange(path: string, request: string, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    let length = 0;
    const unreachable = (why: string, cause?: unknown) => {
      socket.destroy();
      const message = `no agent answers on ${path} (${why})`;
      reject(fail("SIGIL_SENDER_AGENT_UNREACHABLE", message, { cause }));
    };
    // Of the whole exchange: an agent that trickles holds the courier no longer than a silent one.
    const timer = setTimeout(() => unreachable("it is silent"), timeoutMs);
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_REPLY_BYTES) unreachable("its answer is too long");
      else chunks.push(chunk);
    });
    socket.on("end", () => resolve(Buffer.concat(chunks)));
    socket.on("error", (error) => unreachable(errnoOf(error) ?? messageOf(error), error));
    socket.on("close", () => {
      clearTimeout(timer);
      // After an answer this changes nothing.
      reject(fail("SIGIL_SENDER_AGENT_UNREACHABLE", `the agent on ${path} hung up`));
    });
  });
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}
