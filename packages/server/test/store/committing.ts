/** Commits batches of 100 events for ever and prints how many were acknowledged: something to kill. */
import { openStore } from "../../src/store/sqlite.ts";
import { admitted, storeOptions, ulid, uuid } from "../kit.ts";

const store = openStore(storeOptions(process.argv[2] ?? ""));
const spool = ulid();
let previous: string | null = null;
for (let done = 0; ; done += 1) {
  const events = Array.from({ length: 100 }, () => ({ event_id: uuid() }));
  const batch = admitted({ spool, first: done * 100 + 1, previous }, events);
  previous = batch.chain;
  await store.commit(batch);
  process.stdout.write(`${done + 1}\n`);
}
