import { createLog, type Log } from "@sigil/cli/log";
import { loadSenderConfig, type ConfigRequest } from "../config.ts";
import { startDaemon, type Daemon } from "../daemon.ts";
import { serverFlag } from "./server.ts";
import { VERSION } from "../version.ts";
import type { CommandContext } from "./context.ts";

export type RunFlags = { readonly server?: string };

/** `sigil-sender run`: until a signal. @returns the exit code */
export async function run(context: CommandContext, flags: RunFlags): Promise<number> {
  const log = createLog("sigil-sender", context.env);
  const request: ConfigRequest = serverFlag(context.request, flags.server);
  const daemon = await startDaemon({
    load: () => loadSenderConfig(request),
    mode: context.mode,
    env: context.env,
    log,
  });
  handleSignals(daemon, log);
  log.info({ version: VERSION, mode: context.mode }, "shipping");
  // Neither timers nor watchers keep the process alive; this does.
  const alive = setInterval(() => undefined, 60_000);
  try {
    return await daemon.ended;
  } finally {
    clearInterval(alive);
  }
}

/** A second signal ends at once: whoever asks twice means it. */
function handleSignals(daemon: Daemon, log: Log): void {
  let asked = false;
  const stop = () => {
    if (asked) process.exit(130);
    asked = true;
    void daemon.stop();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("SIGHUP", () => void daemon.reload());
  process.on("uncaughtException", (error) => {
    log.error(error.message);
    void daemon.stop(4);
  });
  process.on("unhandledRejection", (reason) => {
    log.error(reason instanceof Error ? reason.message : String(reason));
    void daemon.stop(4);
  });
}
