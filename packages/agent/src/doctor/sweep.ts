import { durationText } from "@sigil/cli";
import { info, ok, warning, type Check } from "./check.ts";
import { readMeta } from "./meta.ts";

/** Age of the last sweep: the watcher is a hint, the sweep is the truth. */
export const sweepCheck: Check = {
  id: "last-sweep",
  title: "Last sweep",
  async run(facts) {
    const [running, settings] = await Promise.all([facts.running(), facts.settings()]);
    const at = lastSweep(facts.config.paths.state);
    if (at === null) return info("none that is known of");
    const age = (facts.now() - at) / 1000;
    const text = `${durationText(age)} ago`;
    if (running === null) return info(`${text}; no agent runs`);
    if (age <= 2 * settings.sweep.interval_s) return ok(text);
    return warning(
      `${text}; one is due every ${durationText(settings.sweep.interval_s)}`,
      "`sigil show stats` says what the agent is doing",
    );
  },
};

/** Milliseconds since the epoch. What is wrong with the database another check tells. */
function lastSweep(state: string): number | null {
  try {
    const kept = readMeta(state, "last_sweep");
    return kept !== null && Number.isFinite(Number(kept)) ? Number(kept) : null;
  } catch {
    return null;
  }
}
