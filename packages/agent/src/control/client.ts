import { connect } from "node:net";
import { errnoOf, messageOf, SigilError } from "@sigil/core/plain";
import { fail } from "../errors.ts";
import {
  ANSWER_MS,
  IDLE_MS,
  MAX_REPLY_BYTES,
  type ControlReply,
  type ControlRequest,
} from "./protocol.ts";

/**
 * Asks the running agent.
 * @throws SIGIL_CONTROL_UNREACHABLE when none answers, or the error the agent answered with
 */
export async function ask(path: string, request: ControlRequest): Promise<unknown> {
  const line = await exchange(path, `${JSON.stringify(request)}\n`);
  const reply = parse(line);
  if (reply === null) throw fail("SIGIL_CONTROL_REFUSED", "the agent's answer cannot be read");
  if (reply.ok) return reply.value;
  throw new SigilError(reply.code, reply.message, reply.hint === null ? {} : { hint: reply.hint });
}

/** @returns null when no agent answers */
export async function askIfRunning(path: string, request: ControlRequest): Promise<unknown> {
  try {
    return await ask(path, request);
  } catch (error) {
    if (errnoOf(error) === "SIGIL_CONTROL_UNREACHABLE") return null;
    throw error;
  }
}

function exchange(path: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const unreachable = (why: string, cause?: unknown) =>
      reject(fail("SIGIL_CONTROL_UNREACHABLE", `no agent answers on ${path} (${why})`, { cause }));
    const socket = connect(path);
    let received = "";
    socket.setEncoding("utf8");
    socket.setTimeout(IDLE_MS, () => {
      unreachable("it is silent");
      socket.destroy();
    });
    socket.on("connect", () => {
      socket.setTimeout(ANSWER_MS);
      socket.write(request);
    });
    socket.on("data", (chunk: string) => {
      received += chunk;
      if (received.length > MAX_REPLY_BYTES) socket.destroy(new Error("the answer is too long"));
    });
    socket.on("end", () => resolve(received));
    socket.on("error", (error) => unreachable(errnoOf(error) ?? messageOf(error), error));
  });
}

function parse(line: string): ControlReply | null {
  try {
    const value = JSON.parse(line) as ControlReply;
    return typeof value === "object" && value !== null && typeof value.ok === "boolean"
      ? value
      : null;
  } catch {
    return null;
  }
}
