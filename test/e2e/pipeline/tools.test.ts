import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { join } from "node:path";
import { tempDir } from "@sigil/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { readSpool } from "../events.ts";
import { eventually } from "../harness.ts";
import { createFill } from "./fill.ts";
import { start, type Program } from "./program.ts";
import { FaultyProxy, type Fault } from "./proxy.ts";

describe("the filler", () => {
  it("tells what the spool acknowledged: nothing else is missing after it was killed", async () => {
    const home = tempDir();
    const started: Program[] = [];
    onTestFinished(async () => {
      for (const program of started) await program.kill();
      home.remove();
    });
    const spool = join(home.path, "state/events");
    mkdirSync(join(home.path, "state"), { mode: 0o750 });
    const fill = createFill({
      home: home.path,
      spool,
      host: "h1",
      start(...how) {
        const program = start(...how);
        started.push(program);
        return program;
      },
    });
    for (let round = 1; round <= 2; round += 1) {
      const filler = fill.start({ pause_ms: 0 });
      await eventually(() => fill.count() > round * 500);
      await filler.kill();
    }
    const last = fill.start({ events: 7 });
    expect(await last.ended).toEqual({ code: 0, signal: null });
    const events = await readSpool(spool);
    const inSpool = new Map(events.map(({ event_id }, at) => [event_id, at + 1]));
    const missing = [...fill.ids()].filter(([id, sequence]) => inSpool.get(id) !== sequence);
    expect(missing).toEqual([]);
    expect(inSpool.size).toBe(events.length);
    // A kill may fall between an acknowledgement and the telling: one append in each round.
    expect(events.length - fill.count()).toBeLessThanOrEqual(2 * 20);
  });
});

describe("the proxy", () => {
  const KIB = 1024;

  /** Sends 64 KiB through to a server that answers with as much. @returns what each side got */
  async function exchange(fault: Fault) {
    let got = 0;
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      socket.on("data", (piece) => (got += piece.length));
      socket.on("end", () => socket.end(Buffer.alloc(64 * KIB)));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const proxy = await new FaultyProxy((server.address() as AddressInfo).port).listen();
    onTestFinished(async () => {
      await proxy.close();
      server.close();
    });
    proxy.next = () => fault;
    const client = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
    client.end(Buffer.alloc(64 * KIB));
    const back = buffer(client).then(
      (bytes) => bytes.length,
      () => "reset",
    );
    return { back, proxy, up: () => got };
  }

  it("passes what it is not told to hurt", async () => {
    const { back, up, proxy } = await exchange({ kind: "pass" });
    expect(await back).toBe(64 * KIB);
    expect(up()).toBe(64 * KIB);
    expect(proxy.faults).toBe(0);
  });

  it("cuts in the middle of what is sent up", async () => {
    const { back, up } = await exchange({ kind: "cut", bytes: 10 * KIB });
    expect(await back).toBe("reset");
    expect(up()).toBeLessThan(64 * KIB);
  });

  it("keeps an answer to what was sent up whole", async () => {
    const { back, up, proxy } = await exchange({ kind: "lost_answer", bytes: 60 * KIB });
    expect(await back).toBe("reset");
    expect(up()).toBe(64 * KIB);
    expect(proxy.faults).toBe(1);
  });

  it("stalls with the connection open", async () => {
    const { back, up, proxy } = await exchange({ kind: "stall", bytes: 10 * KIB });
    await eventually(() => proxy.faults === 1);
    proxy.resetAll();
    expect(await back).toBe("reset");
    expect(up()).toBeLessThan(64 * KIB);
  });

  it("trickles, and loses nothing", async () => {
    const { back, up } = await exchange({ kind: "trickle", bytes: 8 * KIB, every_ms: 1 });
    expect(await back).toBe(64 * KIB);
    expect(up()).toBe(64 * KIB);
  });
});
