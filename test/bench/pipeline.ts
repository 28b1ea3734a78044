import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makePlace, type Place } from "./agent.ts";
import { hasPeer, missing } from "./peers.ts";
import { fillSpool, type Filled } from "./pipeline-fill.ts";
import { addHost, spoolOf, startSender, startServer, type Server } from "./pipeline-fleet.ts";
import { isConnected } from "./pipeline-net.ts";
import { atLeast, atMost, type Bench, type Figure, type Size } from "./report.ts";
import { timeRsyslog } from "./rsyslog.ts";
import { median } from "./stats.ts";

/** Events of a backlog, and how often it is carried. */
const BACKLOGS: Readonly<Record<Size, readonly (readonly [events: number, rounds: number])[]>> = {
  quick: [[10_000, 1]],
  bounded: [
    [10_000, 3],
    [100_000, 3],
  ],
  full: [
    [10_000, 5],
    [100_000, 5],
    [1_000_000, 1],
  ],
};
const HOST = "bench-host";
const POLL_MS = 10;
const MOST_MIB = 150;

/** One backlog carried once. */
interface Carried {
  readonly filled: Filled;
  readonly perSecond: number;
  /** Most memory ever resident, MiB. */
  readonly senderPeak: number;
  readonly serverPeak: number;
  /** Events a second of the peer; null without it. */
  readonly peer: number | null;
}

/** A backlog in the spool → durable on the server: both programs, mutual TLS, every default. */
export const pipeline: Bench = {
  id: "pipeline",
  async run(size) {
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const [events, rounds] of BACKLOGS[size]) {
      const all: Carried[] = [];
      for (let round = 0; round < rounds; round += 1) all.push(await carry(events));
      figures.push(...figuresOf(events, all));
      notes.push(noteOf(events, all));
    }
    return {
      id: "pipeline",
      title: "Spool → sender → mutual TLS → server, durable",
      figures,
      notes: [...notes, ...NOTES, ...(hasPeer("rsyslogd") ? [] : [missing("rsyslogd")])],
    };
  },
};

const NOTES = [
  "Counted from the sender's connection to the last event in server.db (`synchronous=FULL`), read by a second SQLite; rsyslog from its sender's connection to the last byte of its file, its receiver with a synced disk queue before it.",
  "Memory is the most ever resident (`VmHWM`) of each process.",
];

async function carry(events: number): Promise<Carried> {
  const place = makePlace();
  try {
    const server = await startServer(place);
    try {
      const home = await addHost(place, server, HOST);
      const copy = join(place.root, "lines.jsonl");
      const filled = await fillSpool(spoolOf(home), { events, hostId: HOST, copy });
      const carried = await ship(server, home, filled);
      await server.program.stop();
      return { ...carried, peer: await beside(place, copy, events) };
    } finally {
      server.store.close();
      await server.program.stop();
    }
  } finally {
    place.remove();
  }
}

async function ship(server: Server, home: string, filled: Filled) {
  const sender = startSender(home);
  try {
    const start = await isConnected(Number(new URL(server.ingest).port));
    while (server.store.events() < filled.events) await sleep(POLL_MS);
    const seconds = (performance.now() - start) / 1000;
    const perSecond = filled.events / seconds;
    return { filled, perSecond, senderPeak: sender.peak(), serverPeak: server.program.peak() };
  } finally {
    await sender.stop();
  }
}

async function beside(place: Place, file: string, events: number): Promise<number | null> {
  if (!hasPeer("rsyslogd")) return null;
  return events / ((await timeRsyslog(place, file)) / 1000);
}

function figuresOf(events: number, all: readonly Carried[]): readonly Figure[] {
  const count = events.toLocaleString("en-US");
  const peers = all.flatMap(({ peer }) => (peer === null ? [] : [peer]));
  const middle = (of: (one: Carried) => number) => median(all.map(of));
  return [
    {
      what: `${count} events`,
      value: middle((one) => one.perSecond),
      unit: "events/s",
      ...(peers.length > 0 ? { peer: { what: "`rsyslogd`", value: median(peers) } } : {}),
      aim: atLeast(20_000),
    },
    {
      what: `${count} events: memory of the sender`,
      value: middle((one) => one.senderPeak),
      unit: "MiB",
      aim: atMost(MOST_MIB),
    },
    {
      what: `${count} events: memory of the server`,
      value: middle((one) => one.serverPeak),
      unit: "MiB",
      aim: atMost(MOST_MIB),
    },
  ];
}

function noteOf(events: number, all: readonly Carried[]): string {
  const [first] = all;
  const bytes = Math.round((first?.filled.bytes ?? 0) / events);
  const rounds = all.length === 1 ? "once" : `median of ${all.length} rounds`;
  return `${events.toLocaleString("en-US")} distinct events of ${bytes} bytes on average, ${rounds}.`;
}
