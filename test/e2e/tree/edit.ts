import { b3 } from "../digest.ts";
import { ofKind } from "../events.ts";
import { eventually, type Agent, type TestHost } from "../harness.ts";

/** Generous: what a tree costs may be paid while other tests run. */
const TIMEOUT_MS = 60_000;

/** Writes a file and waits until its contents are told. @returns how the event came */
export async function edit(
  host: TestHost,
  agent: Agent,
  name: string,
  text: string,
): Promise<string> {
  const path = host.write(name, text);
  const told = await eventually(
    () => agent.of(path).find(({ evidence }) => evidence.after_hash === b3(text)),
    TIMEOUT_MS,
  );
  const stalled = ofKind(agent.events, "watcher_degraded").some(
    ({ reason }) => reason === "event_loop_stall",
  );
  // After a stall a sweep may be quicker than the hint: then `delayed` is the truth.
  return stalled ? "definitive" : told.evidence.evidence_quality;
}
