import { countText, EXIT, onInterrupt, print, printJson } from "@sigil/cli";
import { createLog, type Log } from "@sigil/cli/log";
import { loadHasher } from "@sigil/ports/hash";
import { loadSenderConfig, type SenderConfig } from "../config.ts";
import { systemClock } from "../daemon.ts";
import { createMeter, together } from "../meter.ts";
import { STREAMS } from "../places.ts";
import { openSession, type Meters, type Session } from "../session.ts";
import { systemTimers } from "../wake.ts";
import type { CommandContext } from "./context.ts";
import { serverFlag } from "./server.ts";

export type OnceFlags = {
  readonly server?: string;
  readonly json?: boolean;
  readonly attempts: number;
};

/** Somebody waits for it to end. Milliseconds. */
const MAX_WAIT_MS = 5000;

type Result = { readonly drained: boolean; readonly meters: Meters };

/** `sigil-sender once`. @throws SIGIL_CONFIG_*, SIGIL_SENDER_*, SIGIL_SPOOL_* */
export async function once(context: CommandContext, flags: OnceFlags): Promise<number> {
  process.umask(0o027);
  const config = hurried(loadSenderConfig(serverFlag(context.request, flags.server)));
  const log = createLog("sigil-sender", { SIGIL_LOG: "error", ...context.env });
  const meters = { agent: createMeter(), sender: createMeter() };
  const session = await openOnce(context, { config, log, meters });
  const interrupt = onInterrupt();
  try {
    const drained = await drain(session, flags.attempts, interrupt.signal);
    report({ drained, meters }, flags);
    return interrupt.codeOr(drained ? EXIT.ok : EXIT.negative);
  } finally {
    await session.close();
  }
}

function openOnce(
  { mode, env }: CommandContext,
  parts: { readonly config: SenderConfig; readonly log: Log; readonly meters: Meters },
): Promise<Session> {
  return openSession({
    ...parts,
    mode,
    env,
    hasher: loadHasher(),
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    onCondition: () => undefined,
  });
}

function hurried(config: SenderConfig): SenderConfig {
  const { retry } = config.settings;
  const max_ms = Math.min(retry.max_ms, MAX_WAIT_MS);
  return { ...config, settings: { ...config.settings, retry: { ...retry, max_ms } } };
}

/** The notes last: what there is to tell of the agent's events goes along. */
async function drain(session: Session, attempts: number, signal: AbortSignal): Promise<boolean> {
  for (const name of STREAMS) {
    if (name === "sender") await session.notes.settled();
    const stream = session.stream(name);
    const stop = () => void stream.stop();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) return false;
    const result = await stream.once(attempts);
    signal.removeEventListener("abort", stop);
    if (result.kind !== "drained") return false;
  }
  return true;
}

/** Counts are the agent's events; what keeps the sender's own notes counts as a reason too. */
function report({ drained, meters }: Result, flags: OnceFlags): void {
  const { eventsAcked, quarantined } = meters.agent.reading();
  const { reason, detail } = together(meters.agent.reading(), meters.sender.reading());
  const why = [reason, detail].filter((part) => part !== null).join(": ");
  if (flags.json) {
    printJson({ drained, delivered: eventsAcked, quarantined, reason, detail });
    return;
  }
  const refused = quarantined > 0 ? `, ${quarantined} refused and kept in the quarantine` : "";
  print(`${countText(eventsAcked, "event")} delivered${refused}`);
  if (!drained)
    process.stderr.write(
      `sigil-sender: not everything is delivered${why === "" ? "" : ` (${why})`}\n`,
    );
}
