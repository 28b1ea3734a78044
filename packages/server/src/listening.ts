import type { Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { errnoOf, messageOf } from "@sigil/core/plain";
import type { FastifyInstance } from "fastify";
import { fail } from "./errors.ts";
import { secureOptions, type ListenerTls } from "./listener.ts";

/** A listener that takes connections. */
export interface Listening {
  /** `https://127.0.0.1:8443`. */
  readonly url: string;
  readonly connections: number;
  /** New connections get this from now on. @throws when it cannot be used; then the old stays */
  use(tls: ListenerTls): void;
  /** Takes no more, lets requests end, then closes; what is left after `drainMs` is cut off. */
  close(drainMs: number): Promise<void>;
}

/** How often idle connections are looked for while it closes. Milliseconds. */
const IDLE_LOOK_MS = 100;

/**
 * Connections that may wait to be taken; the system lowers it to its own limit. With Node's 511 a fleet that comes back
 * at once is turned away unheard, and each host tries again only after 1, 2, 4, 8, 16 seconds.
 */
const BACKLOG = 4096;

/** @throws SIGIL_SERVER_LISTEN */
export async function listen(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const server = app.server as unknown as Server;
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  try {
    await app.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    await app.close();
    const why = errnoOf(error) ?? messageOf(error);
    throw fail("SIGIL_SERVER_LISTEN", `cannot listen on ${host} port ${port}: ${why}`, {
      cause: error,
    });
  }
  return {
    url: urlOf(server.address() as AddressInfo),
    get connections() {
      return open.size;
    },
    use: (tls) => server.setSecureContext(secureOptions(tls)),
    async close(drainMs) {
      const cut = setTimeout(() => {
        // Also those that never finished their handshake, of which HTTP does not know.
        for (const socket of open) socket.destroy();
      }, drainMs);
      // Whoever was answered just as draining began keeps a connection open, for nothing.
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
      await app.close();
      clearInterval(idle);
      clearTimeout(cut);
    },
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `https://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
