import { join } from "node:path";
import type { SenderConfig } from "./config.ts";

export type StreamName = "agent" | "sender";
export const STREAMS: readonly StreamName[] = ["agent", "sender"];

/** Where a stream's spool is, and how far it is delivered. */
export function streamPlaces(
  config: SenderConfig,
  stream: StreamName,
): { readonly dir: string; readonly checkpointDir: string; readonly quarantineDir: string } {
  return stream === "agent"
    ? {
        dir: config.spoolDir,
        checkpointDir: config.stateDir,
        quarantineDir: config.quarantineDir,
      }
    : {
        dir: config.notesDir,
        checkpointDir: config.notesCheckpointDir,
        quarantineDir: config.notesQuarantineDir,
      };
}

/** What a running sender writes about itself. */
export function statusFile(config: Pick<SenderConfig, "stateDir">): string {
  return join(config.stateDir, "status.json");
}

/** Which warnings about the certificate were given. */
export function expiryFile(config: Pick<SenderConfig, "stateDir">): string {
  return join(config.stateDir, "certificate.json");
}
