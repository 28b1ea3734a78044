import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadHasher } from "@sigil/ports/hash";
import { openProducer, SPOOL_DEFAULTS } from "@sigil/spool";
import { describe, expect, it } from "vitest";
import { createHost } from "../harness.ts";
import { show } from "../long.ts";
import { sigil } from "./binary.ts";

const SECOND = "00000000000000000002";
/** Of a line of one byte, with a digest that it has not. */
const RECORD = Buffer.from([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);

/** One line in a closed segment; the open one, as large as any, is one line without an end and claims to be millions. */
async function fill(dir: string): Promise<void> {
  const lock = { acquire: () => ({ release: () => undefined }) };
  const clock = { now: () => Date.UTC(2026, 0, 1) };
  const producer = await openProducer({ dir, hash: loadHasher(), lock, clock });
  await producer.append([Buffer.from("one")]);
  await producer.close();
  const size = SPOOL_DEFAULTS.segment_max_bytes;
  writeFileSync(join(dir, `${SECOND}.jsonl`), Buffer.alloc(size, "a"));
  writeFileSync(join(dir, `${SECOND}.idx`), Buffer.alloc((size / 2) * RECORD.length, RECORD));
}

describe("a segment that is one line without an end, with an index of millions of lines", () => {
  it("keeps neither the doctor from its answer nor the agent from its start and its end", async () => {
    const host = createHost();
    await fill(host.spool);
    const doctor = await sigil(host, ["doctor"]);
    expect(doctor).toMatchObject({ signal: null });
    expect(doctor.stdout).toContain("spool");
    const hasty = await host.start({ ready: false });
    // Asked to end at once, or before it can be asked: it ends.
    await hasty.stop();
    const agent = await host.start();
    await agent.saw(host.write(".claude/settings.json", "{}\n"));
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    const { stdout } = await sigil(host, ["spool", "export"]);
    expect(stdout).toMatch(/^one\n/u);
    expect(stdout).toContain('"is_final":true');
    show({ rounds: 1, lost: 0, did: { starts: 2 } });
  }, 120_000);
});
