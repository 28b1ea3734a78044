import { watchLimits } from "@sigil/host";
import { isDirectory } from "../fs/stat.ts";
import { createInterest } from "../watch/interest.ts";
import { countText } from "@sigil/cli";
import { info, ok, warning, type Check, type Finding } from "./check.ts";
import type { Facts } from "./facts.ts";

/** Default of Linux; with less, a burst overflows the queue sooner. */
const QUEUE_LEAST = 16_384;
/** One for all single directories, one for the trees, and room for a renewal. */
const INSTANCES_NEEDED = 4;

/** The kernel's limits on watches against what the plan needs. */
export const watchesCheck: Check = {
  id: "watch-limits",
  title: "Watch limits",
  async run(facts) {
    const limits = await watchLimits({ platform: facts.config.platform, files: facts.files });
    if (limits.max_user_watches === null) return info("this system sets no limit that can be read");
    const { needed, complete } = await need(facts);
    const shown = `about ${countText(needed, "directory", "directories")}${complete ? "" : " or more"}`;
    const summary = `${shown} of ${limits.max_user_watches} watches, queue of ${limits.max_queued_events ?? "?"} events, ${limits.max_user_instances ?? "?"} instances`;
    const findings = [
      ...tooFew("fs.inotify.max_user_watches", limits.max_user_watches, needed * 2, shown),
      ...tooFew("fs.inotify.max_queued_events", limits.max_queued_events, QUEUE_LEAST, "bursts"),
      ...tooFew("fs.inotify.max_user_instances", limits.max_user_instances, INSTANCES_NEEDED, ""),
      ...(await ownLimit(facts, needed)),
    ];
    return findings.length > 0 ? findings : ok(summary);
  },
};

/** Twice what is needed: other programs of this user share the limit. */
function tooFew(name: string, limit: number | null, least: number, what: string): Finding[] {
  if (limit === null || limit >= least) return [];
  const why = what === "" ? "" : ` for ${what}`;
  return [
    warning(
      `${name} is ${limit}${why}; at least ${least} are wanted`,
      `sysctl ${name}=${least}; what gets no watch is polled, later and less exactly`,
    ),
  ];
}

async function ownLimit(facts: Facts, needed: number): Promise<Finding[]> {
  const { max_shallow: most } = (await facts.settings()).watch;
  if (needed <= most) return [];
  const hint = "raise watch.max_shallow in the policy";
  return [warning(`watch.max_shallow is ${most}, the plan has ${needed} directories`, hint)];
}

async function need(facts: Facts): Promise<{ needed: number; complete: boolean }> {
  const places = await facts.places();
  const ways = createInterest((await facts.plan()).roots).ancestors.filter(isDirectory);
  const needed = places.reduce((sum, place) => sum + place.directories, ways.length);
  return { needed, complete: places.every((place) => place.complete) };
}
