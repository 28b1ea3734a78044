import { readFileSync } from "node:fs";
import { connect, type TLSSocket } from "node:tls";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { BATCH_TYPE } from "@sigil/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../harness.ts";
import { createFleet } from "./fleet.ts";
import type { FleetHost } from "./host.ts";
import { expectCleanLedger } from "./load.ts";
import { arrived, expectExactlyOnce, storedCount } from "./stored.ts";
import { craft, lineOf, speakAs } from "./wire.ts";

const MIB = 1024 * 1024;

/** A connection of a host on which bytes are sent as they are. */
function raw(host: FleetHost): TLSSocket {
  const socket = connect({
    host: "127.0.0.1",
    port: host.fleet.ingest,
    ca: host.fleet.caPem,
    cert: readFileSync(host.tls.certificate, "utf8"),
    key: readFileSync(host.tls.key, "utf8"),
    ALPNProtocols: ["http/1.1"],
  });
  socket.on("error", () => {}).resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** The status of a body that is sent under this encoding. */
async function statusOf(host: FleetHost, encoding: string, body: Uint8Array): Promise<number> {
  const { client } = speakAs(host);
  const headers = { "content-type": BATCH_TYPE, "content-encoding": encoding };
  const answer = await client.request({ method: "POST", path: "/v1/events", headers, body });
  await answer.body.dump();
  return answer.statusCode;
}

describe("a host that attacks the server", () => {
  it("is refused in bounds, and the others' events go on being stored", async () => {
    const fleet = await createFleet({
      limits: { headers_timeout_ms: 1500, request_timeout_ms: 3000, handshake_timeout_ms: 1500 },
    });
    const [honest, hostile] = [fleet.host("h1"), fleet.host("h2")];
    const server = await fleet.serve();
    const filler = honest.fill.start();
    honest.send();
    await eventually(() => storedCount(fleet.db, "h1") > 100);
    const memory = server.memory();
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, server.memory())), 20);
    onTestFinished(() => clearInterval(watch));

    const slow = Array.from({ length: 20 }, () => raw(hostile));
    for (const socket of slow) socket.write("POST /v1/events HTTP/1.1\r\nhost: x\r\nx-a: ");
    const bomb = Buffer.alloc(256 * MIB, "a");
    expect(await statusOf(hostile, "gzip", gzipSync(bomb))).toBe(413);
    expect(await statusOf(hostile, "zstd", zstdCompressSync(bomb))).toBe(413);
    const flood = raw(hostile);
    flood.write(`GET /v1/hello HTTP/1.1\r\nhost: x\r\n${"x-flood: aaaaaaaa\r\n".repeat(5000)}\r\n`);
    let answer = "";
    flood.setEncoding("utf8").on("data", (text: string) => (answer += text));
    await eventually(() => flood.destroyed || flood.readableEnded);
    expect(answer).toMatch(/^(HTTP\/1\.1 4|$)/);

    const deep = lineOf("h2").replace(
      '"reason":"crafted"',
      `"reason":${"[".repeat(50_000)}${"]".repeat(50_000)}`,
    );
    const long = lineOf("h2").replace("crafted", "x".repeat(2 * MIB));
    const mixed = craft([lineOf("h2"), deep, long, "{", lineOf("h2")], { host: "h2", first: 1 });
    expect(await speakAs(hostile).post(mixed.body)).toMatchObject({
      status: 200,
      body: { accepted: 2, rejected: [{ sequence: 2 }, { sequence: 3 }, { sequence: 4 }] },
    });
    const lie = raw(hostile);
    lie.write(`POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: ${512 * MIB}\r\n\r\n`);
    await eventually(() =>
      [...slow, lie].every((socket) => socket.destroyed || socket.readableEnded),
    );

    const stored = storedCount(fleet.db, "h1");
    await eventually(() => storedCount(fleet.db, "h1") > stored + 100);
    expect(peak - memory).toBeLessThan(200 * MIB);
    await filler.stop();
    await arrived(honest);
    await expectCleanLedger(honest, await expectExactlyOnce(honest));
    expect(server.over()).toBeNull();
  });
});
