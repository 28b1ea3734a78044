import { bytesText, countText, durationText } from "@sigil/cli";
import { errnoOf } from "@sigil/core/plain";
import { measureLag } from "../lag.ts";
import { streamPlaces } from "../places.ts";
import { info, ok, warning, type Check } from "./check.ts";

/** The agent's spool can be read by this user, and how much of it is not delivered. */
export const spoolCheck: Check = {
  id: "spool",
  title: "Spool",
  async run(facts) {
    const config = await facts.config();
    try {
      await facts.tail();
    } catch (error) {
      if (errnoOf(error) !== "SIGIL_SPOOL_ABSENT") throw error;
      return info(`no spool at ${config.spoolDir} yet`, "`sigil run` makes it");
    }
    const lag = await measureLag(streamPlaces(config, "agent"), {
      hash: await facts.hasher(),
      now: () => facts.now(),
    });
    if (lag === null || lag.events === 0) return ok(`${config.spoolDir}, all delivered`);
    const text = `${countText(lag.events, "event")}, ${bytesText(lag.bytes)} to deliver, the oldest ${durationText(lag.age_s)} old`;
    const { warn_events, warn_age_s } = config.settings.lag;
    if (lag.events >= warn_events || lag.age_s >= warn_age_s)
      return warning(text, "the checks of sender and server say what keeps it");
    return ok(text);
  },
};
