import { error, info, ok, warning, type Finding } from "./check.ts";
import { countText } from "./units.ts";

/** What was seen of the owner and mode of one of our own paths (`inspectMode` in @sigil/host). */
export interface SeenMode {
  readonly path: string;
  /** False where the system has no modes. */
  readonly observable: boolean;
  readonly exists: boolean | null;
  readonly problems: readonly { readonly code: string; readonly text: string }[];
}

/** Drift is told and never mended (design §4). @param whose `Sigil`, `the sender` */
export function modeFindings(seen: readonly SeenMode[], whose: string): Finding | Finding[] {
  if (seen.some((one) => !one.observable)) return info("not observable on this system");
  const drifted = seen.flatMap(findingsOf);
  if (drifted.length > 0) return drifted;
  const present = seen.filter((one) => one.exists === true).length;
  return present > 0
    ? ok(`${countText(present, "path")} of ${whose}'s own, as expected`)
    : info(`there is nothing of ${whose}'s own yet`);
}

function findingsOf({ path, problems }: SeenMode): Finding[] {
  return problems.map(({ code, text }) => {
    const what = `${path} ${text}`;
    // With these the program does not start, or trusts what somebody else put there.
    if (code === "foreign_owner" || code === "wrong_kind")
      return error(what, "find out who put it there; Sigil changes nothing by itself");
    const hint = code === "too_open" ? "chmod it; Sigil changes nothing by itself" : undefined;
    return warning(what, hint);
  });
}
