import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { IssuedPair } from "@sigil/testkit";

export type TestProxy = {
  readonly port: number;
  /** What was asked for with CONNECT, and with which credentials. */
  readonly asked: { readonly target: string; readonly authorization: string | undefined }[];
  /** Bytes that went through, as the proxy sees them. */
  readonly seen: Buffer[];
  /** Answered instead of letting through. */
  refuse: number | null;
  close(): Promise<void>;
};

/** An HTTP proxy on loopback; with a certificate, one that speaks TLS itself. */
export async function createProxy(pair?: IssuedPair): Promise<TestProxy> {
  const server: Server =
    pair === undefined
      ? createServer()
      : createSecureServer({ cert: pair.certPem, key: pair.keyPem });
  const open = new Set<Duplex>();
  server.on("connect", (req: IncomingMessage, client: Duplex) => {
    open.add(client);
    const authorization = req.headers["proxy-authorization"];
    proxy.asked.push({ target: req.url ?? "", authorization });
    if (proxy.refuse !== null) {
      client.end(`HTTP/1.1 ${proxy.refuse} No\r\n\r\n`);
      return;
    }
    const upstream = connect(Number((req.url ?? "").split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.on("data", (chunk: Buffer) => proxy.seen.push(chunk));
      client.pipe(upstream).pipe(client);
    });
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
    client.on("close", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: TestProxy = {
    port: (server.address() as AddressInfo).port,
    asked: [],
    seen: [],
    refuse: null,
    async close() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
