import { messageOf } from "@sigil/core/plain";

export interface SupervisorPorts {
  monotonic(): number;
  /** A part failed and is started again. */
  onRestart(part: string, message: string): void;
  /** A part failed too often: the process must end. */
  onGiveUp(part: string, message: string): void;
}

/** Restarts failed parts, and gives up on one that keeps failing (design: clean end over a half-blind process). */
export interface Supervisor {
  /** Reports a failure of a part; `restart` makes it work again and may itself fail. */
  failed(part: string, error: unknown, restart: () => void | Promise<void>): void;
  close(): void;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

export function createSupervisor(
  limits: { readonly restartMax: number; readonly windowMs: number },
  ports: SupervisorPorts,
): Supervisor {
  const failures = new Map<string, number[]>();
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  function end(): void {
    closed = true;
    for (const timer of timers) clearTimeout(timer);
  }

  function failed(part: string, error: unknown, restart: () => void | Promise<void>): void {
    if (closed) return;
    const now = ports.monotonic();
    const recent = [...(failures.get(part) ?? []).filter((at) => now - at < limits.windowMs), now];
    failures.set(part, recent);
    if (recent.length > limits.restartMax) {
      end();
      ports.onGiveUp(part, messageOf(error));
      return;
    }
    ports.onRestart(part, messageOf(error));
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (recent.length - 1));
    const timer = setTimeout(() => {
      timers.delete(timer);
      void Promise.resolve()
        .then(restart)
        .catch((again: unknown) => failed(part, again, restart));
    }, wait);
    timers.add(timer);
  }

  return { failed, close: end };
}
