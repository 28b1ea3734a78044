import { lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { DEFAULT_SETTINGS, errnoOf, messageOf, SigilError } from "@sigil/core/plain";
import { checkSocketPath, type Platform } from "@sigil/host";
import { AGENT_ERRORS, fail } from "../errors.ts";
import { ensureDirectory } from "../fs/directory.ts";
import { createIntake, type Taken } from "./intake.ts";
import {
  envelopeRequestBytes,
  IDLE_MS,
  parseRequest,
  REQUEST_MS,
  type ControlReply,
  type ControlRequest,
} from "./protocol.ts";

export type ControlHandler = (request: ControlRequest) => Promise<unknown>;

export interface ControlLimits {
  /** Largest delivery taken now. Bytes. */
  envelopeMaxBytes(): number;
}

/** What the connections share. */
interface Desk extends ControlLimits {
  readonly handler: ControlHandler;
  /** Connections that no answer is owed to just now. */
  readonly unowed: Set<Socket>;
  /** A delivery is large: one at a time is held in memory. @returns false while somebody else holds one */
  claim(socket: Socket): boolean;
  release(socket: Socket): void;
}

const MAX_CONNECTIONS = 16;
const DEFAULT_LIMITS: ControlLimits = {
  envelopeMaxBytes: () => DEFAULT_SETTINGS.control.envelope_max_bytes,
};

/**
 * Listens on the local control socket. Access is by the directory: 0700 in user mode, 0750 in system mode (design §4).
 * A socket on which somebody answers is left alone: an agent with another spool may have the same runtime directory.
 * @throws SIGIL_CONTROL_SOCKET, SIGIL_HOST_SOCKET_PATH_TOO_LONG
 */
export async function listen(
  path: string,
  where: { readonly platform: Platform; readonly mode: "user" | "system" },
  handler: ControlHandler,
  limits: ControlLimits = DEFAULT_LIMITS,
): Promise<{ close(): Promise<void> }> {
  checkSocketPath(path, where.platform);
  try {
    if (where.platform !== "windows") await prepareDirectory(path, where.mode);
    const desk = createDesk(handler, limits);
    const server = createServer((socket) => serve(socket, desk));
    server.maxConnections = MAX_CONNECTIONS;
    await bind(server, path, where.mode);
    return { close: () => close(server, desk.unowed) };
  } catch (error) {
    throw fail("SIGIL_CONTROL_SOCKET", `cannot listen on ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function createDesk(handler: ControlHandler, limits: ControlLimits): Desk {
  let holder: Socket | null = null;
  return {
    ...limits,
    handler,
    unowed: new Set(),
    claim(socket) {
      holder ??= socket;
      return holder === socket;
    },
    release(socket) {
      if (holder === socket) holder = null;
    },
  };
}

async function prepareDirectory(path: string, mode: "user" | "system"): Promise<void> {
  ensureDirectory(dirname(path), mode === "user" ? 0o700 : 0o750);
  try {
    if (!lstatSync(path).isSocket()) return;
    if (await isAnswered(path)) throw new Error("another agent answers there");
    unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

/** Only a refusal says that the process that made the socket is gone. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) =>
      resolve(!["ECONNREFUSED", "ENOENT"].includes(errnoOf(error) ?? "")),
    );
  });
}

/** The umask holds while the socket is made: there is no moment in which others could connect. */
async function bind(server: Server, path: string, mode: "user" | "system"): Promise<void> {
  const before = process.umask(mode === "user" ? 0o177 : 0o117);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
}

/** Answers under way are given; whoever has not asked, or does not leave, cannot keep the agent from ending. */
function close(server: Server, unowed: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of unowed) socket.destroy();
  });
}

function serve(socket: Socket, desk: Desk): void {
  const { unowed } = desk;
  const late = setTimeout(() => socket.destroy(), REQUEST_MS).unref();
  const intake = createIntake({
    envelope: envelopeRequestBytes(desk.envelopeMaxBytes()),
    claim: () => desk.claim(socket),
  });
  unowed.add(socket);
  socket.on("close", () => {
    clearTimeout(late);
    // A delivery that is being answered is still held: its answer gives it back.
    if (unowed.delete(socket)) desk.release(socket);
  });
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    const taken = intake.take(chunk);
    if (taken.kind === "more") return;
    if (taken.kind === "refused") {
      socket.destroy();
      return;
    }
    socket.removeAllListeners("data");
    clearTimeout(late);
    // It waits for us now, not we for it.
    socket.setTimeout(0);
    unowed.delete(socket);
    void reply(socket, taken, desk);
  });
}

type Whole = Exclude<Taken, { kind: "more" | "refused" }>;

async function reply(socket: Socket, taken: Whole, desk: Desk): Promise<void> {
  const answered = await answer(socket, taken, desk);
  desk.release(socket);
  if (socket.destroyed) return;
  // What a peer still sends is read and dropped for a while: left unread, it would take the answer with it.
  const enough = setTimeout(() => socket.destroy(), IDLE_MS).unref();
  socket.on("close", () => clearTimeout(enough));
  socket.resume();
  socket.end(`${JSON.stringify(answered)}\n`, () => desk.unowed.add(socket));
}

async function answer(socket: Socket, taken: Whole, desk: Desk): Promise<ControlReply> {
  const request = requestOf(taken);
  if (!request) return refusal("SIGIL_CONTROL_REFUSED", "unknown request");
  const free = request.op !== "envelope" || desk.claim(socket);
  if (taken.kind === "busy" || !free) {
    const { hint } = AGENT_ERRORS.SIGIL_CONTROL_BUSY;
    return refusal("SIGIL_CONTROL_BUSY", "another delivery is being checked", hint);
  }
  try {
    return { ok: true, value: await desk.handler(request) };
  } catch (error) {
    const coded = error instanceof SigilError;
    const code = coded ? error.code : "SIGIL_AGENT_FAILED";
    return refusal(code, messageOf(error), coded ? error.hint : undefined);
  }
}

function requestOf(taken: Whole): ControlRequest | null {
  if (taken.kind === "line") return parseRequest(taken.line.toString("utf8"));
  return { op: "envelope", delivery: null };
}

function refusal(code: string, message: string, hint: string | null = null): ControlReply {
  return { ok: false, code, message, hint };
}
