import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What becomes of one connection. Bytes are those of the TLS stream, of which this proxy can read nothing.
 * `pass` nothing happens. `cut` both sides are reset after `bytes` were sent up. `lost_answer` everything is sent up,
 * and once more than `bytes` were, the first bytes back are kept and the client is reset. `stall` after `bytes` up
 * nothing moves any more. `trickle` every piece goes on in bits of `bytes`, `every_ms` apart.
 */
export type Fault =
  | { readonly kind: "pass" }
  | { readonly kind: "cut"; readonly bytes: number }
  | { readonly kind: "lost_answer"; readonly bytes: number }
  | { readonly kind: "stall"; readonly bytes: number }
  | { readonly kind: "trickle"; readonly bytes: number; readonly every_ms: number };

/** A TCP proxy on loopback that hurts its connections as it is told. */
export class FaultyProxy {
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#serve(client));
  readonly #target: number;
  readonly #pairs = new Set<readonly Socket[]>();
  /** Asked once for each connection. */
  next: (connection: number) => Fault = () => ({ kind: "pass" });
  connections = 0;
  /** Connections whose fault happened. */
  faults = 0;
  /** Sent up by all connections. */
  bytesUp = 0;

  constructor(target: number) {
    this.#target = target;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  /** Resets every open connection. */
  resetAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.resetAll();
    await once(this.#server, "close").catch(() => {});
  }

  #serve(client: Socket): void {
    const fault = this.next((this.connections += 1));
    const upstream = connect({ port: this.#target, host: "127.0.0.1", allowHalfOpen: true });
    const pair = [client, upstream];
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on("error", end);
    void this.#carry(client, upstream, fault, end);
  }

  async #carry(client: Socket, upstream: Socket, fault: Fault, end: () => void): Promise<void> {
    const line = { up: 0, over: false };
    const hurt = (how: () => void) => {
      if (line.over) return;
      line.over = true;
      this.faults += 1;
      how();
    };
    const reset = () => {
      client.resetAndDestroy();
      upstream.destroy();
    };
    const up = async () => {
      for await (const piece of pieces(client)) {
        line.up += piece.length;
        this.bytesUp += piece.length;
        const over = "bytes" in fault && line.up > fault.bytes;
        if (fault.kind === "cut" && over) return hurt(reset);
        if (fault.kind === "stall" && over) {
          hurt(() => {});
          await gone(client);
          return reset();
        }
        await forward(upstream, piece, fault);
      }
      upstream.end();
    };
    const down = async () => {
      for await (const piece of pieces(upstream)) {
        if (fault.kind === "lost_answer" && line.up > fault.bytes) return hurt(reset);
        if (fault.kind === "stall" && line.over) await gone(upstream);
        await forward(client, piece, fault);
      }
      if (!line.over) client.end();
    };
    await Promise.all([up(), down()]).catch(() => {});
    if (!line.over || fault.kind === "stall") await Promise.race([gone(client), gone(upstream)]);
    end();
  }
}

async function forward(to: Socket, piece: Buffer, fault: Fault): Promise<void> {
  if (fault.kind !== "trickle") {
    if (!to.write(piece)) await Promise.race([once(to, "drain"), gone(to)]);
    return;
  }
  for (let at = 0; at < piece.length; at += fault.bytes) {
    to.write(piece.subarray(at, at + fault.bytes));
    await sleep(fault.every_ms);
  }
}

async function gone(socket: Socket): Promise<void> {
  if (!socket.destroyed) await once(socket, "close");
}

/** Ends with the stream, and leaves it open: the other direction may go on. */
function pieces(socket: Socket): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => socket.iterator({ destroyOnReturn: false }) };
}
