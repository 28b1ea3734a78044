import { modeFindings } from "@sigil/cli/doctor";
import { EXPECTED, inspectMode, type ExpectedMode } from "@sigil/host";
import type { SenderConfig } from "../config.ts";
import { statusFile } from "../places.ts";
import type { Check } from "./check.ts";

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
    return modeFindings(reports, "the sender");
  },
};
