import { EXIT } from "@sigil/cli";
import { fleetPage } from "../api/fleet.ts";
import { filesOf, loadSettings } from "../config.ts";
import type { EventStore, HostSummary } from "../store/model.ts";
import { readStore } from "../store/sqlite.ts";
import { storeOptions } from "../storing.ts";
import type { CommandContext } from "./context.ts";
import { printRows, shortTime } from "./print.ts";
import { withRegistry } from "./registry.ts";

export interface HostsFlags {
  readonly json?: boolean;
}

const PAGE = 500;

/** What a server that was never started knows. */
const NOTHING: Pick<EventStore, "hosts" | "host" | "close"> = {
  hosts: async () => ({ items: [], next: null }),
  host: async () => null,
  close: async () => undefined,
};

/** `sigil-server hosts`: beside a running server, or without one. */
export async function hosts(context: CommandContext, flags: HostsFlags): Promise<number> {
  const { config } = context;
  const settings = loadSettings(config);
  const store = readStore(storeOptions(filesOf(config, settings).store, settings)) ?? NOTHING;
  try {
    const all = await withRegistry(context, async (registry) => {
      const found: HostSummary[] = [];
      let cursor: string | null = null;
      do {
        const page = { limit: PAGE, ...(cursor === null ? {} : { cursor }) };
        const { items, next } = await fleetPage(page, { store, registry });
        found.push(...items);
        cursor = next;
      } while (cursor !== null);
      return found;
    });
    const heading = ["HOST", "GROUP", "LAST SEEN", "EVENTS", "SCORE", "STATE"];
    printRows(flags.json, all, heading, (at) => rowOf(all[at] as HostSummary));
    return EXIT.ok;
  } finally {
    await store.close();
  }
}

function rowOf(host: HostSummary): string[] {
  const { host_id, group, last_seen, events, score, band } = host;
  const risk = score === null ? "-" : `${score.toFixed(1)} ${band}`;
  return [host_id, group, shortTime(last_seen), String(events), risk, stateOf(host)];
}

function stateOf({ last_seen, silent, irregular }: HostSummary): string {
  const heard = last_seen === null ? "never sent" : silent ? "silent" : "sending";
  return irregular ? `${heard}, ledger irregular` : heard;
}
