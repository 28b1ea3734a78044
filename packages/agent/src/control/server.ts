import { lstatSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { errnoOf, messageOf, SigilError } from "@sigil/core/plain";
import { checkSocketPath, type Platform } from "@sigil/host";
import { fail } from "../errors.ts";
import { ensureDirectory } from "../fs/directory.ts";
import {
  IDLE_MS,
  MAX_REQUEST_BYTES,
  parseRequest,
  type ControlReply,
  type ControlRequest,
} from "./protocol.ts";

export type ControlHandler = (request: ControlRequest) => Promise<unknown>;

const MAX_CONNECTIONS = 16;

/**
 * Listens on the local control socket. Access is by the directory: 0700 in user mode, 0750 in system mode (design §4).
 * The caller holds the spool's lock, so a socket file that is there is a dead process's.
 * @throws SIGIL_CONTROL_SOCKET, SIGIL_HOST_SOCKET_PATH_TOO_LONG
 */
export async function listen(
  path: string,
  where: { readonly platform: Platform; readonly mode: "user" | "system" },
  handler: ControlHandler,
): Promise<{ close(): Promise<void> }> {
  checkSocketPath(path, where.platform);
  try {
    if (where.platform !== "windows") prepareDirectory(path, where.mode);
    const unowed = new Set<Socket>();
    const server = createServer((socket) => serve(socket, handler, unowed));
    server.maxConnections = MAX_CONNECTIONS;
    await bind(server, path, where.mode);
    return { close: () => close(server, unowed) };
  } catch (error) {
    throw fail("SIGIL_CONTROL_SOCKET", `cannot listen on ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function prepareDirectory(path: string, mode: "user" | "system"): void {
  ensureDirectory(dirname(path), mode === "user" ? 0o700 : 0o750);
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
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

/** @param unowed connections that no answer is owed to just now */
function serve(socket: Socket, handler: ControlHandler, unowed: Set<Socket>): void {
  let received = "";
  unowed.add(socket);
  socket.on("close", () => unowed.delete(socket));
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    received += chunk;
    if (received.length > MAX_REQUEST_BYTES) {
      socket.destroy();
      return;
    }
    const end = received.indexOf("\n");
    if (end < 0) return;
    socket.removeAllListeners("data");
    // It waits for us now, not we for it.
    socket.setTimeout(0);
    unowed.delete(socket);
    void reply(socket, received.slice(0, end), handler, unowed);
  });
}

async function reply(
  socket: Socket,
  line: string,
  handler: ControlHandler,
  unowed: Set<Socket>,
): Promise<void> {
  const answered = await answer(line, handler);
  if (socket.destroyed) return;
  socket.setTimeout(IDLE_MS);
  socket.end(`${JSON.stringify(answered)}\n`, () => unowed.add(socket));
}

async function answer(line: string, handler: ControlHandler): Promise<ControlReply> {
  const request = parseRequest(line);
  if (!request)
    return { ok: false, code: "SIGIL_CONTROL_REFUSED", message: "unknown request", hint: null };
  try {
    return { ok: true, value: await handler(request) };
  } catch (error) {
    const coded = error instanceof SigilError;
    return {
      ok: false,
      code: coded ? error.code : "SIGIL_AGENT_FAILED",
      message: messageOf(error),
      hint: coded ? (error.hint ?? null) : null,
    };
  }
}
