import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { loadHasher } from "@sigil/ports/hash";
import { openProducer } from "@sigil/spool";
import { lineOf } from "./pipeline-events.ts";

/** Lines of one append: the fill is to be quick, its own speed is measured elsewhere. */
const GROUP = 1000;
const NEWLINE = Buffer.from("\n");

/** What a spool was filled with. */
export interface Filled {
  readonly events: number;
  /** Of all lines with their newlines. */
  readonly bytes: number;
}

/** Fills a spool with distinct events, and a file with the same lines for a program that knows nothing of spools. */
export async function fillSpool(
  dir: string,
  { events, hostId, copy }: { events: number; hostId: string; copy: string },
): Promise<Filled> {
  const lock = { acquire: () => ({ release: () => undefined }) };
  const clock = { now: () => Date.now() };
  const producer = await openProducer({ dir, hash: loadHasher(), lock, clock });
  const file = createWriteStream(copy);
  let bytes = 0;
  for (let from = 0; from < events; from += GROUP) {
    const length = Math.min(GROUP, events - from);
    const lines = Array.from({ length }, (_, at) => lineOf(hostId, from + at));
    const text = Buffer.concat(lines.flatMap((line) => [line, NEWLINE]));
    bytes += text.length;
    if (!file.write(text)) await once(file, "drain");
    await producer.append(lines);
  }
  await producer.close();
  await finished(file.end());
  return { events, bytes };
}
