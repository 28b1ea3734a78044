import { describe, expect, it } from "vitest";
import { createFleet } from "./fleet.ts";
import { spoolLedger } from "./load.ts";
import { storedRows } from "./stored.ts";
import { craft, lineOf, linesOf, speakAs } from "./wire.ts";

async function servedHost() {
  const fleet = await createFleet();
  await fleet.serve();
  const host = fleet.host("h1");
  return { fleet, host, wire: speakAs(host), stored: () => storedRows(fleet.db, "h1") };
}

describe("a batch", () => {
  it("that is replayed is known: nothing is stored twice, and the ledger counts it", async () => {
    const { host, wire, stored } = await servedHost();
    const batch = craft(linesOf("h1", 10), { host: "h1", first: 1 });
    expect(await wire.post(batch.body)).toMatchObject({
      status: 200,
      body: { accepted: 10, duplicate: 0, rejected: [], high_water: 10 },
    });
    expect(await wire.post(batch.body)).toMatchObject({
      status: 200,
      body: { accepted: 0, duplicate: 10, rejected: [], high_water: 10 },
    });
    expect(stored()).toHaveLength(10);
    expect(await spoolLedger(host)).toMatchObject({ replays: 1, forks: 0, chain_breaks: 0 });
  });

  it("that overtakes another leaves a gap that shows until the other comes", async () => {
    const { host, wire, stored } = await servedHost();
    const first = craft(linesOf("h1", 5), { host: "h1", first: 1 });
    const second = craft(linesOf("h1", 5), { host: "h1", first: 6, previous: first.chain });
    const third = craft(linesOf("h1", 5), { host: "h1", first: 11, previous: second.chain });
    await wire.post(first.body);
    expect((await wire.post(third.body)).body).toMatchObject({ accepted: 5, high_water: 5 });
    expect(await spoolLedger(host)).toMatchObject({
      high_water: 5,
      highest: 15,
      gaps: [{ from: 6, to: 10, reason: "missing_batch" }],
    });
    expect((await wire.post(second.body)).body).toMatchObject({ accepted: 5, high_water: 15 });
    expect(await spoolLedger(host)).toMatchObject({
      high_water: 15,
      gaps: [],
      chain_breaks: 0,
      forks: 0,
    });
    expect(stored()).toHaveLength(15);
  });

  it("that was changed on its way is refused whole", async () => {
    const { wire, stored } = await servedHost();
    const { body } = craft(linesOf("h1", 5), { host: "h1", first: 1 });
    const changed = Buffer.from(body);
    changed[changed.length - 40] = (changed[changed.length - 40] ?? 0) ^ 1;
    expect(await wire.post(changed)).toMatchObject({
      status: 422,
      body: { type: "urn:sigil:problem:batch-digest" },
    });
    const shorter = body.subarray(0, body.length - 100);
    expect((await wire.post(shorter)).status).toBeGreaterThanOrEqual(400);
    expect(stored()).toEqual([]);
  });

  it("that was changed and sealed anew shows at the next one, and as other events under old numbers", async () => {
    const { host, wire } = await servedHost();
    const honest = craft(linesOf("h1", 5), { host: "h1", first: 1 });
    const next = craft(linesOf("h1", 5), { host: "h1", first: 6, previous: honest.chain });
    const forged = craft(linesOf("h1", 5), { host: "h1", first: 1 });
    await wire.post(forged.body);
    await wire.post(next.body);
    expect(await spoolLedger(host)).toMatchObject({ chain_breaks: 1, forks: 0 });
    await wire.post(honest.body);
    expect(await spoolLedger(host)).toMatchObject({ chain_breaks: 1, forks: 5 });
    const { items } = await host.fleet.hosts();
    expect(items.find(({ host_id }) => host_id === "h1")).toMatchObject({ irregular: true });
  });

  it("with a known event in other words: that event is refused, and the ledger counts it", async () => {
    const { host, wire, stored } = await servedHost();
    const line = lineOf("h1");
    await wire.post(craft([line], { host: "h1", first: 1 }).body);
    const other = line.replace('"reason":"crafted"', '"reason":"altered"');
    const answer = await wire.post(craft([lineOf("h1"), other], { host: "h1", first: 2 }).body);
    expect(answer.body).toMatchObject({
      accepted: 1,
      rejected: [{ sequence: 3, reason: "event_id_conflict" }],
    });
    expect(stored().map((row) => row.line)).toContain(line);
    expect(stored().map((row) => row.line)).not.toContain(other);
    expect(await spoolLedger(host)).toMatchObject({ conflicts: 1 });
  });
});
