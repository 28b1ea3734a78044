import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkpointPath } from "@sigil/spool";
import type { TestHost } from "../harness.ts";

/** What a sender says it has shipped. */
export function claim(host: TestHost, sequence: number): void {
  const { spool_id } = JSON.parse(readFileSync(join(host.spool, "spool.json"), "utf8"));
  const checkpoint = { schema_version: 1, spool_id, sequence, updated_at: "2026-11-21T00:00:00Z" };
  const directory = join(dirname(host.stateDb), "sender");
  mkdirSync(directory, { recursive: true });
  writeFileSync(checkpointPath(directory), `${JSON.stringify(checkpoint)}\n`);
}
