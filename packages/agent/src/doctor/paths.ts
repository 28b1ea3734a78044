import { displayPath } from "../fs/keys.ts";
import { countText } from "@sigil/cli";
import { info, ok, warning, type Check, type Finding } from "./check.ts";

/** How many of the places that are watched are there, and which this user may not read. */
export const pathsCheck: Check = {
  id: "paths",
  title: "Paths",
  async run(facts) {
    const places = await facts.places();
    const { skipped } = await facts.plan();
    const { policy } = await facts.policy();
    const present = places.filter((place) => place.state === "present").length;
    const counts = `${present} of ${countText(places.length, "place")} present, the others are watched for`;
    const findings: Finding[] = [
      present > 0 ? ok(counts) : info(`${counts}; no tool that Sigil knows has files here yet`),
    ];
    // Built-in targets name variables that most hosts do not set; what the operator wrote should mean something.
    const own = new Set(
      policy.targets.filter((one) => one.origin !== "baseline").map((one) => one.id),
    );
    const meaningless = skipped.filter((one) => own.has(one.targetId));
    for (const { targetId, pattern, detail } of meaningless.slice(0, 5))
      findings.push(info(`${targetId}: ${pattern} means nothing here (${detail})`));
    const unreadable = places.flatMap((place) => place.unreadable);
    const [first] = unreadable;
    if (first) {
      const more = unreadable.length > 1 ? ` and ${unreadable.length - 1} more` : "";
      const text = `${displayPath(first.path)} (${first.errno})${more} cannot be read by this user`;
      findings.push(
        warning(text, "give the user that runs Sigil read access, or exclude the path"),
      );
    }
    return findings;
  },
};
