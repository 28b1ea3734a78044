import { countText } from "@sigil/cli";
import { EXPECTED, inspectMode, type ExpectedMode, type ModeReport } from "@sigil/host";
import type { SenderConfig } from "../config.ts";
import { statusFile } from "../places.ts";
import { error, info, ok, warning, type Check, type Finding } from "./check.ts";

function expectations(config: SenderConfig): readonly (readonly [string, ExpectedMode])[] {
  return [
    [config.stateDir, EXPECTED.directory],
    [config.quarantineDir, EXPECTED.directory],
    [config.notesDir, EXPECTED.directory],
    [config.notesCheckpointDir, EXPECTED.directory],
    [statusFile(config), EXPECTED.file],
  ];
}

/** Owners and modes of the sender's own files. Drift is told and never mended (design §4). */
export const modesCheck: Check = {
  id: "modes",
  title: "Modes",
  async run(facts) {
    const reports = await Promise.all(
      expectations(await facts.config()).map(([path, expected]) => inspectMode(path, expected)),
    );
    if (reports.some((report) => !report.observable)) return info("not observable on this system");
    const drifted = reports.flatMap(findingsOf);
    if (drifted.length > 0) return drifted;
    const present = reports.filter((report) => report.exists === true).length;
    return present > 0
      ? ok(`${countText(present, "path")} of the sender's own, as expected`)
      : info("there is nothing of the sender's own yet");
  },
};

function findingsOf({ path, problems }: ModeReport): Finding[] {
  return problems.map(({ code, text }) => {
    const what = `${path} ${text}`;
    // With these the sender does not start, or trusts what somebody else put there.
    if (code === "foreign_owner" || code === "wrong_kind")
      return error(what, "find out who put it there; Sigil changes nothing by itself");
    return warning(
      what,
      code === "too_open" ? "chmod it; Sigil changes nothing by itself" : undefined,
    );
  });
}
