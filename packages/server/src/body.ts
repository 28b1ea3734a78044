import type { Readable } from "node:stream";
import { refuse, type Refusal } from "./problem.ts";

/** Memory that bodies under way take, of all requests together. */
export interface BodyBudget {
  /** @returns false when it is not to be had */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly used: number;
}

export function createBodyBudget(maxBytes: number): BodyBudget {
  let used = 0;
  return {
    get used() {
      return used;
    },
    take(bytes) {
      if (used + bytes > maxBytes) return false;
      used += bytes;
      return true;
    },
    give(bytes) {
      used -= bytes;
    },
  };
}

/** A body in memory; `release` gives its memory back to the budget, once. */
export type Body = { readonly kind: "body"; readonly bytes: Buffer; release(): void };

/** The client went away before its request was whole. */
export type Aborted = { readonly kind: "aborted" };

export type BodyLimits = { readonly maxBytes: number; readonly budget: BodyBudget };

/** Seconds after which there may be room again. */
const BUSY_RETRY_S = 1;

/**
 * Reads a request's body, however its length was said or not. What is too much is left unread: the answer comes at
 * once, the connection ends with it.
 */
export async function readBody(
  stream: Readable,
  contentLength: string | undefined,
  { maxBytes, budget }: BodyLimits,
): Promise<Body | Refusal | Aborted> {
  const tooLarge = (): Refusal => refuse("batch-too-large", `a body has at most ${maxBytes} bytes`);
  if (Number(contentLength ?? 0) > maxBytes) return tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  const result = await new Promise<Refusal | Aborted | null>((resolve) => {
    const onData = (chunk: Buffer): void => {
      if (size + chunk.length > maxBytes) return resolve(tooLarge());
      if (!budget.take(chunk.length)) return resolve(refuse("overloaded", undefined, BUSY_RETRY_S));
      size += chunk.length;
      chunks.push(chunk);
    };
    const onGone = (): void => resolve({ kind: "aborted" });
    stream.on("data", onData);
    stream.once("end", () => resolve(null));
    stream.once("error", onGone);
    stream.once("close", onGone);
  });
  if (result !== null) {
    stream.removeAllListeners("data");
    stream.pause();
    budget.give(size);
    return result;
  }
  return { kind: "body", bytes: Buffer.concat(chunks, size), release: () => budget.give(size) };
}

/**
 * Lets the rest of a refused body go by, so that the client reads its answer instead of a reset; not for ever: beyond
 * `maxBytes` the connection is closed.
 */
export function discard(stream: Readable, maxBytes: number): void {
  let left = maxBytes;
  stream.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) stream.destroy();
  });
  stream.on("error", () => undefined);
  stream.resume();
}
