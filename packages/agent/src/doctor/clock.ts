import { decodeEvent } from "@sigil/core/plain";
import { clockStatus } from "@sigil/host";
import { durationText } from "@sigil/cli";
import { info, ok, warning, type Check, type Finding } from "./check.ts";
import type { Facts } from "./facts.ts";

/** Clocks of one host are compared with each other only roughly. Milliseconds. */
const TOLERANCE_MS = 60_000;

/** The clock follows a time server, and has not been set back since the last event. */
export const clockCheck: Check = {
  id: "clock",
  title: "Clock",
  async run(facts) {
    const { platform } = facts.config;
    const [clock, ahead] = await Promise.all([
      clockStatus({ platform, run: facts.run, files: facts.files }),
      lastEventAhead(facts),
    ]);
    const future: Finding[] =
      ahead > TOLERANCE_MS
        ? [
            warning(
              `the last event is ${durationText(ahead / 1000)} in the future`,
              "check the clock",
            ),
          ]
        : [];
    if (clock.state === "synchronized") return [...future, ok(`synchronized (${clock.origin})`)];
    if (clock.state === "unknown") return [...future, info(`not known: ${clock.why}`)];
    const hint = "switch on time synchronization: event times are compared between hosts";
    return [...future, warning("not synchronized with a time server", hint)];
  },
};

/** Milliseconds; 0 without an event. */
async function lastEventAhead(facts: Facts): Promise<number> {
  const tail = await facts.tail().catch(() => null);
  const last = tail?.lines.at(-1);
  if (!last) return 0;
  const decoded = decodeEvent(last.bytes.toString("utf8"));
  return decoded.kind === "event" ? Date.parse(decoded.event.ts) - facts.now() : 0;
}
