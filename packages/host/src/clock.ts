import { type RunCommand, whyNoAnswer } from "./command.ts";
import type { FileReader } from "./file.ts";
import { parseProperties } from "./linux.ts";
import type { Platform } from "./platform.ts";

export type ClockStatus =
  | { readonly state: "synchronized" | "unsynchronized"; readonly origin: string }
  | { readonly state: "unknown"; readonly why: string };

/** systemd-timesyncd creates it at its first synchronization since boot. */
const TIMESYNC_FILE = "/run/systemd/timesync/synchronized";

/** Whether the clock follows a time server. Known on Linux with systemd only. */
export async function clockStatus(input: {
  readonly platform: Platform;
  readonly run: RunCommand;
  readonly files: FileReader;
}): Promise<ClockStatus> {
  if (input.platform !== "linux") {
    return { state: "unknown", why: `not asked on ${input.platform}` };
  }
  const outcome = await input.run("timedatectl", ["show", "-p", "NTPSynchronized"]);
  const answer = outcome.kind === "exited" && outcome.code === 0 ? outcome.stdout : "";
  const value = parseProperties(answer).get("NTPSynchronized");
  if (value === "yes") return { state: "synchronized", origin: "timedatectl" };
  if (value === "no") return { state: "unsynchronized", origin: "timedatectl" };
  const marker = await input.files.read(TIMESYNC_FILE, { maxBytes: 64 });
  if (marker.kind === "read") return { state: "synchronized", origin: TIMESYNC_FILE };
  return { state: "unknown", why: whyNoAnswer(outcome, "timedatectl") };
}
