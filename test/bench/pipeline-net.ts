import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 2;
const GIVE_UP_MS = 30_000;
/** In /proc/net/tcp. */
const ESTABLISHED = "01";

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until somebody listens. @throws when nobody does in 30 s */
export async function isListening(port: number): Promise<void> {
  await until(`nobody listens on ${port}`, async () => {
    const socket = connect(port, "127.0.0.1");
    const isUp = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    return isUp;
  });
  await until(`a connection to ${port} stays`, () => !hasConnection(port));
}

/** Waits for the first connection. @returns monotonic milliseconds @throws when none comes in 30 s */
export async function isConnected(port: number): Promise<number> {
  await until(`nobody connects to ${port}`, () => hasConnection(port));
  return performance.now();
}

async function until(failure: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + GIVE_UP_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(failure);
    await sleep(POLL_MS);
  }
}

function hasConnection(port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const [, ...rows] = readFileSync("/proc/net/tcp", "utf8").trimEnd().split("\n");
  return rows.some((row) => {
    const [, address = "", , state] = row.trim().split(/\s+/);
    return address.endsWith(local) && state === ESTABLISHED;
  });
}
