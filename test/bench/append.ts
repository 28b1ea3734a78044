import { join } from "node:path";
import { openProducer } from "@sigil/spool";
import { loadHasher } from "@sigil/ports/hash";
import { makePlace } from "./agent.ts";
import { atLeast, type Bench, type Figure, type Size } from "./report.ts";

const LINE_BYTES = 600;
const MS: Readonly<Record<Size, number>> = { quick: 300, bounded: 3000, full: 10_000 };
/** Lines of one append, and appends under way at once. */
const SHAPES = [
  [1, 1],
  [1, 512],
  [512, 1],
  [512, 4],
] as const;

/** Durable appends to a spool with the agent's own hash, on a real disk. */
export const append: Bench = {
  id: "append",
  async run(size) {
    const place = makePlace();
    try {
      const figures: Figure[] = [];
      for (const [group, callers] of SHAPES) {
        const rate = await rateOf(join(place.root, `${group}-${callers}`), {
          group,
          callers,
          ms: MS[size],
        });
        figures.push({
          what: `${callers} at once, ${group} ${group === 1 ? "line" : "lines"} each`,
          value: rate,
          unit: "events/s",
          ...(group === 512 && callers === 4 ? { aim: atLeast(100_000) } : {}),
        });
      }
      return {
        id: "append",
        title: `Durable spool append, lines of ${LINE_BYTES} bytes`,
        figures,
        notes: [
          "An append counts when its lines and their index are through `fdatasync`; BLAKE3 by the native accelerator where it loads.",
        ],
      };
    } finally {
      place.remove();
    }
  },
};

interface Shape {
  readonly group: number;
  readonly callers: number;
  readonly ms: number;
}

async function rateOf(dir: string, { group, callers, ms }: Shape): Promise<number> {
  const lock = { acquire: () => ({ release: () => undefined }) };
  const clock = { now: () => Date.now() };
  const producer = await openProducer({ dir, hash: loadHasher(), lock, clock });
  const lines = Array.from({ length: group }, (_, at) =>
    Buffer.from(`${at}`.padEnd(LINE_BYTES, "x")),
  );
  const start = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() - start < ms) await producer.append(lines);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const events = producer.lastSequence;
  await producer.close();
  return events / seconds;
}
