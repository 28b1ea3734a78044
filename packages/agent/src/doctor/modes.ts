import { dirname } from "node:path";
import { EXPECTED, inspectMode, type ExpectedMode } from "@sigil/host";
import type { Config } from "../config.ts";
import { signedDirectory } from "../policy/signed/store.ts";
import { modeFindings } from "@sigil/cli/doctor";
import type { Check } from "./check.ts";

/** The policy decides what is watched: others may read it, not write it. */
const POLICY: ExpectedMode = { kind: "file", atMost: 0o755 };
/** Whoever may write the rollback memory may bring back a policy of yesterday. */
const SIGNED: ExpectedMode = { kind: "directory", atMost: 0o700 };

function expectations({ paths, platform }: Config): readonly (readonly [string, ExpectedMode])[] {
  const own: (readonly [string, ExpectedMode])[] = [
    [paths.stateDir, EXPECTED.directory],
    [dirname(paths.state), EXPECTED.directory],
    [paths.spool, EXPECTED.directory],
    [paths.state, EXPECTED.secret],
    [paths.trust, EXPECTED.secret],
    [signedDirectory(paths.state), SIGNED],
    [paths.policy, POLICY],
  ];
  // A pipe on Windows is in no directory.
  if (platform !== "windows")
    own.push([dirname(paths.control), EXPECTED.directory], [paths.control, EXPECTED.socket]);
  return [...new Map(own)];
}

/** Owners and modes of Sigil's own files. Drift is told and never mended (design §4). */
export const modesCheck: Check = {
  id: "modes",
  title: "Modes",
  async run({ config }) {
    const reports = await Promise.all(
      expectations(config).map(([path, expected]) => inspectMode(path, expected)),
    );
    return modeFindings(reports, "Sigil");
  },
};
