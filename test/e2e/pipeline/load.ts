import type { SpoolLedger } from "../../../packages/server/src/store/model.ts";
import { expect } from "vitest";
import type { FleetHost } from "./host.ts";
import type { Stream } from "./stored.ts";

/** The one spool of a stream in a host's ledger. */
export async function spoolLedger(host: FleetHost, stream: Stream = "agent"): Promise<SpoolLedger> {
  const { spools } = await host.fleet.ledger(host.id);
  const [only, ...others] = spools.filter((spool) => spool.stream === stream);
  expect(others).toEqual([]);
  if (only === undefined) throw new Error(`the ledger has no ${stream} spool of ${host.id}`);
  return only;
}

/**
 * Nothing in the ledger of a host needs an explanation; batches may have come twice.
 * @param events that its spool acknowledged
 * @param but what is to be explained
 */
export async function expectCleanLedger(
  host: FleetHost,
  events: number,
  but: Partial<SpoolLedger> = {},
): Promise<SpoolLedger> {
  const ledger = await spoolLedger(host);
  expect(ledger).toMatchObject({
    high_water: events,
    highest: events,
    events,
    gaps: [],
    chain_breaks: 0,
    forks: 0,
    conflicts: 0,
    ...but,
  });
  expect((await host.fleet.ledger(host.id)).duplicate_identity).toBe(false);
  return ledger;
}
