import { setTimeout as sleep } from "node:timers/promises";
import { isBaseline, makePlace, startAgent, type EventLine, type Place } from "./agent.ts";
import { addHost, startSender, startServer, type Server } from "./pipeline-fleet.ts";
import { createProbe, keepWriting, type Probe, type Sample } from "./probe.ts";
import { atMost, type Bench, type Report, type Size } from "./report.ts";
import { percentile, randomFrom } from "./stats.ts";

const WRITES: Readonly<Record<Size, number>> = { quick: 20, bounded: 150, full: 500 };
const GAP_MS = { least: 50, most: 800 };
const POLL_MS = 5;
const HOST = "bench-host";
const POLICY = `version: 1
host_id_strategy: { static: ${HOST} }
targets:
  - { id: bench-guard, tier: critical, paths: ["~/guard"], recursive: true }
`;

/** From the end of `write()` to the durable row on the server: agent, sender and server with every default. */
export const change: Bench = {
  id: "change",
  async run(size) {
    const place = makePlace();
    try {
      const server = await startServer(place);
      try {
        return report(await measure(size, place, server));
      } finally {
        server.store.close();
        await server.program.stop();
      }
    } finally {
      place.remove();
    }
  },
};

async function measure(size: Size, place: Place, server: Server) {
  const home = await addHost(place, server, HOST);
  const probe = createProbe(place.dir(`host-${HOST}/guard`));
  const agent = startAgent({ home, policy: place.file("policy.yaml", POLICY) });
  const sender = startSender(home);
  const stop = watch(server, probe);
  try {
    await agent.event(isBaseline("bench-guard"));
    return await write(probe, WRITES[size]);
  } finally {
    await stop();
    await sender.stop();
    await agent.stop();
  }
}

/** Looks at the store until told to stop. */
function watch(server: Server, probe: Probe): () => Promise<void> {
  let on = true;
  const done = (async () => {
    while (on) {
      const lines = server.store.news();
      const at = performance.now();
      for (const line of lines) {
        const { subject, evidence } = JSON.parse(line) as EventLine;
        if (evidence.kind === "file_change" && subject.value && evidence.after_hash)
          probe.arrived(subject.value, evidence.after_hash, at);
      }
      await sleep(POLL_MS);
    }
  })();
  return async () => {
    on = false;
    await done;
  };
}

async function write(probe: Probe, writes: number) {
  const random = randomFrom(writes);
  const all = Promise.withResolvers<void>();
  let left = writes;
  const stop = keepWriting(
    () => {
      probe.write();
      left -= 1;
      if (left === 0) all.resolve();
    },
    () => GAP_MS.least + random() * (GAP_MS.most - GAP_MS.least),
  );
  await all.promise;
  await stop();
  return await probe.finish();
}

function report({ samples, lost }: { samples: readonly Sample[]; lost: number }): Report {
  const times = samples.map(({ ms }) => ms);
  const figure = (share: number) =>
    ({ what: `p${share * 100}`, value: percentile(times, share), unit: "ms" }) as const;
  return {
    id: "change",
    title: "Change → durable on the server, critical tier",
    figures: [
      figure(0.5),
      { ...figure(0.99), aim: atMost(1500) },
      { ...figure(1), what: "longest" },
    ],
    notes: [
      `${samples.length + lost} writes over 8 files at random gaps of ${GAP_MS.least}–${GAP_MS.most} ms; ${lost} without a row after 15 s. The store is looked at every ${POLL_MS} ms.`,
      "In it: 40 ms in which the path is to be quiet (`settle.critical_debounce_ms`) and up to 200 ms in which an event waits for others to travel with (`batch.max_age_ms`).",
    ],
  };
}
