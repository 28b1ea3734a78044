import { describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../harness.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { LONG, seeded, show } from "../long.ts";
import { expectCleanLedger } from "./load.ts";
import { FaultyProxy, type Fault } from "./proxy.ts";
import { arrived, countLost, expectExactlyOnce, storedCount } from "./stored.ts";

const KIB = 1024;
/** More than a handshake and a hello, less than a batch. */
const INTO_THE_BODY = 20 * KIB;
const TIMEOUTS = { headers_ms: 1000, body_ms: 1000, connect_ms: 1000 };

async function proxyTo(fleet: Fleet, next: FaultyProxy["next"]): Promise<FaultyProxy> {
  const proxy = await new FaultyProxy(fleet.ingest).listen();
  proxy.next = next;
  onTestFinished(() => proxy.close());
  return proxy;
}

/** Ships `events` through connections of which the first ones have these faults, one after the other. */
async function shipThrough(faults: readonly Fault[], events: number) {
  const fleet = await createFleet();
  const host = fleet.host("h1");
  const proxy = await proxyTo(fleet, (number) => faults[number - 1] ?? { kind: "pass" });
  host.configure({ timeout: TIMEOUTS, batch: { max_events: 400 } }, proxy.port);
  await fleet.serve();
  await host.fill.start({ events, append: 500, pause_ms: 0 }).ended;
  host.send();
  await arrived(host);
  expect(await expectExactlyOnce(host)).toBe(events);
  const ledger = await expectCleanLedger(host, events);
  return { proxy, ledger };
}

describe("a connection", () => {
  it("that is reset after the body was sent: the same batch comes again and is known", async () => {
    const lost: Fault = { kind: "lost_answer", bytes: INTO_THE_BODY };
    const { proxy, ledger } = await shipThrough([lost, lost, lost], 2000);
    expect(proxy.faults).toBe(3);
    expect(ledger.replays).toBeGreaterThanOrEqual(1);
  });

  it("that is cut anywhere: in the handshake, the hello or the body", async () => {
    const cuts = [1, 700, 2500, INTO_THE_BODY, 60 * KIB, 120 * KIB];
    const faults = cuts.map((bytes): Fault => ({ kind: "cut", bytes }));
    const { proxy } = await shipThrough(faults, 2000);
    expect(proxy.faults).toBe(cuts.length);
  });

  it("that stalls is given up in time, and the next one carries on", async () => {
    const stall = (bytes: number): Fault => ({ kind: "stall", bytes });
    const { proxy } = await shipThrough([stall(1), stall(INTO_THE_BODY)], 1000);
    expect(proxy.faults).toBe(2);
  });

  it("that is slow carries everything", async () => {
    const { proxy } = await shipThrough([{ kind: "trickle", bytes: 4 * KIB, every_ms: 5 }], 1000);
    expect(proxy.connections).toBe(1);
  });

  it("with random faults under load loses nothing and brings nothing twice", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    const random = seeded(4711);
    let healed = false;
    const proxy = await proxyTo(fleet, (): Fault => (healed ? { kind: "pass" } : anyFault(random)));
    host.configure({ timeout: TIMEOUTS, batch: { max_events: 400 } }, proxy.port);
    await fleet.serve();
    const filler = host.fill.start();
    host.send();
    await eventually(() => proxy.faults >= (LONG ? 200 : 12), LONG ? 300_000 : 25_000);
    healed = true;
    proxy.resetAll();
    await filler.stop();
    await arrived(host);
    const events = await expectExactlyOnce(host);
    const { replays } = await expectCleanLedger(host, events);
    const { connections, faults } = proxy;
    const did = { connections, events, replays };
    show({ rounds: faults, lost: await countLost(host), did });
  }, 600_000);
});

function anyFault(random: () => number): Fault {
  const bytes = Math.floor(random() * 100 * KIB);
  const roll = random();
  if (roll < 0.45) return { kind: "cut", bytes };
  if (roll < 0.9) return { kind: "lost_answer", bytes: INTO_THE_BODY + bytes };
  return { kind: "stall", bytes };
}

describe("a server that stands still", () => {
  it("and goes on later: nothing is lost and nothing comes twice", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    host.configure({ timeout: TIMEOUTS });
    const server = await fleet.serve();
    const filler = host.fill.start();
    const sender = host.send();
    await eventually(() => storedCount(fleet.db, "h1") > 200);
    server.signal("SIGSTOP");
    const waiting = sender.log().length;
    await eventually(() => sender.log().length > waiting);
    const stored = storedCount(fleet.db, "h1");
    const filled = host.fill.count();
    await eventually(() => host.fill.count() > filled + 200);
    expect(storedCount(fleet.db, "h1")).toBe(stored);
    server.signal("SIGCONT");
    await eventually(() => storedCount(fleet.db, "h1") > stored + 200);
    await filler.stop();
    await arrived(host);
    await expectCleanLedger(host, await expectExactlyOnce(host));
  });
});
