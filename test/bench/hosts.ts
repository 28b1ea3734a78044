import { readFileSync } from "node:fs";
import { createAuthority } from "@sigil/testkit";
import { makePlace, type Place } from "./agent.ts";
import { makeHost, visit, type SimulatedHost, type Visit } from "./hosts-client.ts";
import { startServer } from "./pipeline-fleet.ts";
import { atMost, type Bench, type Report, type Size } from "./report.ts";
import { percentile } from "./stats.ts";

const HOSTS: Readonly<Record<Size, number>> = { quick: 200, bounded: 2000, full: 2000 };
const EVENTS = 20;

interface Outcome {
  readonly visits: readonly Visit[];
  readonly failures: readonly string[];
  /** Most memory the server ever had resident, before and after. MiB. */
  readonly before: number;
  readonly after: number;
}

/** A whole fleet that comes back at once, as after a fault of the network. */
export const hosts: Bench = {
  id: "hosts",
  async run(size) {
    const place = makePlace();
    try {
      return report(HOSTS[size], await measure(HOSTS[size], place));
    } finally {
      place.remove();
    }
  },
};

async function measure(count: number, place: Place): Promise<Outcome> {
  const authority = await createAuthority();
  const simulated: SimulatedHost[] = [];
  for (let number = 0; number < count; number += 1) {
    const id = `host-${number}`;
    simulated.push(makeHost(id, await authority.issueHost(id), EVENTS));
  }
  // Their own CA, as where hosts have certificates already.
  const file = place.file("clients.pem", authority.caPem);
  const server = await startServer(
    place,
    `tls: { client_ca_file: "${file}", unknown_certificates: accept }\n`,
  );
  try {
    const before = server.program.peak();
    const ca = readFileSync(server.caFile, "utf8");
    const start = performance.now();
    const results = await Promise.allSettled(
      simulated.map((host) => visit(host, { ingest: server.ingest, ca, start })),
    );
    const visits = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const failures = results.flatMap((one) =>
      one.status === "rejected" ? [String(one.reason)] : [],
    );
    const stored = server.store.events();
    if (stored !== visits.length * EVENTS) failures.push(`${stored} events are stored`);
    return { visits, failures, before, after: server.program.peak() };
  } finally {
    server.store.close();
    await server.program.stop();
  }
}

function report(count: number, { visits, failures, before, after }: Outcome): Report {
  const greeted = visits.map((one) => one.hello);
  const acknowledged = visits.map((one) => one.acknowledged);
  return {
    id: "hosts",
    title: `${count.toLocaleString("en-US")} hosts at once: connect, hello, one batch each`,
    figures: [
      { what: "not served", value: failures.length, unit: "hosts", aim: atMost(0) },
      { what: "hello: p99", value: percentile(greeted, 0.99), unit: "ms" },
      { what: "batch acknowledged: p50", value: percentile(acknowledged, 0.5), unit: "ms" },
      { what: "batch acknowledged: p99", value: percentile(acknowledged, 0.99), unit: "ms" },
      { what: "batch acknowledged: last", value: percentile(acknowledged, 1), unit: "ms" },
      { what: "memory of the server", value: after, unit: "MiB" },
      { what: "of it before", value: before, unit: "MiB" },
    ],
    notes: [
      `Each host has a certificate and a connection of its own and sends ${EVENTS} events; all begin in the same moment, from one process on the same cores. Times count from there, and nothing is tried twice.`,
      ...(failures.length > 0 ? [`First failure: ${failures[0]}`] : []),
    ],
  };
}
