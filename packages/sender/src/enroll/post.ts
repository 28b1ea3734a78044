import { errnoOf, messageOf } from "@sigil/core/plain";
import { problemSchema } from "@sigil/core";
import { Agent, ProxyAgent, request, type Dispatcher } from "undici";
import { z } from "zod";
import { fail } from "../errors.ts";

/** What the server issued (docs/specs/transport.md, enrolment). */
export const issuedSchema = z.looseObject({
  certificate: z.string(),
  /** Null: the server's own certificate is not of its authority. */
  ca: z.string().nullish(),
});
export type Issued = z.output<typeof issuedSchema>;

export type EnrollRequest = {
  /** Of the server's API. */
  readonly server: URL;
  readonly token: string;
  readonly csrPem: string;
  /** PEM; null: the authorities of the system. */
  readonly caPem: string | null;
  readonly proxy: URL | null;
  readonly timeoutMs: number;
};

/** Longest answer that is read. Bytes. */
const MAX_BYTES = 256 * 1024;

/**
 * `POST /v1/enroll`.
 * @throws SIGIL_SENDER_ENROLL_UNREACHABLE, SIGIL_SENDER_ENROLL_REFUSED, SIGIL_SENDER_ENROLL_ANSWER
 */
export async function postRequest(enroll: EnrollRequest): Promise<Issued> {
  const dispatcher = dispatcherOf(enroll);
  try {
    const { status, text } = await exchange(enroll, dispatcher);
    if (status !== 200 && status !== 201) throw refused(status, text);
    const issued = issuedSchema.safeParse(parse(text));
    if (issued.success) return issued.data;
    throw fail("SIGIL_SENDER_ENROLL_ANSWER", "the server's answer holds no certificate");
  } finally {
    await dispatcher.destroy();
  }
}

async function exchange(enroll: EnrollRequest, dispatcher: Dispatcher) {
  const { server, token, csrPem, timeoutMs } = enroll;
  const base = server.pathname.replace(/\/$/, "");
  try {
    const { statusCode, body } = await request(`${server.origin}${base}/v1/enroll`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ csr: csrPem }),
      dispatcher,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: statusCode, text: await readAtMost(body) };
  } catch (error) {
    const code = errnoOf(error);
    const why = code === null ? messageOf(error) : `${messageOf(error)} (${code})`;
    throw fail("SIGIL_SENDER_ENROLL_UNREACHABLE", `${server.origin}: ${why}`, { cause: error });
  }
}

async function readAtMost(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function dispatcherOf({ caPem, proxy, timeoutMs }: EnrollRequest): Dispatcher {
  const tls = caPem === null ? {} : { ca: caPem };
  const connect = { ...tls, timeout: timeoutMs };
  if (proxy === null) return new Agent({ connect });
  return new ProxyAgent({ uri: proxy.href, requestTls: connect });
}

function refused(status: number, text: string) {
  const problem = problemSchema.safeParse(parse(text));
  const why = problem.success
    ? [problem.data.title, problem.data.detail].filter((part) => part !== undefined).join(" ")
    : "with no reason given";
  return fail(
    "SIGIL_SENDER_ENROLL_REFUSED",
    `the server answered ${status}: ${why.slice(0, 500)}`,
    {
      context: { status },
    },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
