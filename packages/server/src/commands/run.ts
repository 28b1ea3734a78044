import { EXIT } from "@sigil/cli";
import { createLog, type Log } from "@sigil/cli/log";
import { messageOf } from "@sigil/core/plain";
import { loadSettings } from "../config.ts";
import { startDaemon, type Daemon } from "../daemon.ts";
import type { CommandContext } from "./context.ts";

/** `sigil-server run`: until a signal. @returns the exit code */
export async function run({ config }: CommandContext): Promise<number> {
  const log = createLog("sigil-server", process.env);
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const daemon = await startDaemon({ config, settings: loadSettings(config), log });
  handleSignals(daemon, log, end);
  return ended;
}

/** A second signal ends at once: whoever asks twice means it. */
function handleSignals(daemon: Daemon, log: Log, end: (code: number) => void): void {
  let isStopping = false;
  const stop = (code: number) => {
    if (isStopping) process.exit(code === EXIT.ok ? EXIT.interrupted : code);
    isStopping = true;
    daemon.stop().then(
      () => end(code),
      (error: unknown) => {
        log.error(`stopping failed: ${messageOf(error)}`);
        end(EXIT.failed);
      },
    );
  };
  const die = (reason: unknown) => {
    log.error({ stack: reason instanceof Error ? reason.stack : undefined }, String(reason));
    stop(EXIT.failed);
  };
  process.on("SIGINT", () => stop(EXIT.ok));
  process.on("SIGTERM", () => stop(EXIT.ok));
  process.on("SIGHUP", () => {
    daemon
      .reload()
      .catch((error: unknown) => log.error(`the old certificates stay: ${messageOf(error)}`));
  });
  process.on("uncaughtException", die);
  process.on("unhandledRejection", die);
}
