import { wantsColor, liveOnWithoutReader } from "@sigil/cli";
import { encodeEvent, type SigilEvent } from "@sigil/core/plain";
import { startDaemon, type Daemon } from "../daemon.ts";
import { createLog, type Log } from "@sigil/cli/log";
import { liveFrugally } from "../frugal.ts";
import { renderLine } from "../render/line.ts";
import type { CommandContext } from "./context.ts";

export interface RunFlags {
  /** Seconds after which the agent ends by itself; undefined: never. */
  readonly duration?: number;
  readonly poll?: boolean;
  readonly print?: "text" | "json" | "none";
}

/** `sigil run`: the agent, until a signal or the given time. @returns the exit code */
export async function run(context: CommandContext, flags: RunFlags): Promise<number> {
  liveFrugally();
  const log = createLog("sigil", process.env);
  const signals = catchSignals();
  const daemon = await startDaemon({
    config: context.config,
    log,
    poll: flags.poll ?? false,
    policyRequired: context.policyRequired,
    onRecorded: printer(context, flags),
  });
  signals.goTo(daemon);
  handleFailures(daemon, log);
  void daemon.ready().then(
    () => log.info("watching"),
    () => undefined,
  );
  // Watchers do not keep the process alive; this does.
  const alive = setInterval(() => undefined, 60_000);
  const stopper =
    flags.duration === undefined
      ? undefined
      : setTimeout(() => void daemon.stop(), flags.duration * 1000);
  try {
    return await daemon.ended;
  } finally {
    clearInterval(alive);
    clearTimeout(stopper);
  }
}

function printer(context: CommandContext, flags: RunFlags): (event: SigilEvent) => void {
  const how = flags.print ?? (process.stdout.isTTY ? "text" : "none");
  const style = { color: wantsColor(process.stdout), home: context.config.home };
  if (how === "none") return () => undefined;
  liveOnWithoutReader();
  return (event) => {
    if (how === "json") process.stdout.write(`${encodeEvent(event)}\n`);
    else if (!isEmptyBaseline(event)) process.stdout.write(`${renderLine(event, style)}\n`);
  };
}

/** A target of which this host has no file yet: a person watching has nothing to learn from a hundred of these. */
function isEmptyBaseline(event: SigilEvent): boolean {
  return event.evidence.kind === "baseline_completed" && event.evidence.files === 0;
}

/**
 * A signal that comes while the agent starts counts once it has started: it ends as it always does. A second one ends
 * at once: whoever asks twice means it.
 */
function catchSignals(): { goTo(daemon: Daemon): void } {
  let daemon: Daemon | null = null;
  let asked = false;
  let stale = false;
  const stop = () => {
    if (asked) process.exit(130);
    asked = true;
    void daemon?.stop();
  };
  const reload = () => {
    stale = true;
    void daemon?.reload().catch(() => undefined);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("SIGHUP", reload);
  return {
    goTo(started) {
      daemon = started;
      if (asked) void started.stop();
      else if (stale) reload();
    },
  };
}

function handleFailures(daemon: Daemon, log: Log): void {
  process.on("uncaughtException", (error) => void daemon.die("process", error.message));
  process.on("unhandledRejection", (reason) => {
    log.error({ reason: String(reason) }, "unhandled rejection");
    void daemon.die("process", String(reason));
  });
}
