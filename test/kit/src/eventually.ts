import { setTimeout as sleep } from "node:timers/promises";

export interface EventuallyOptions {
  /** Longest wait; a test that reaches it has failed. Milliseconds. */
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/**
 * Asks again until the answer is no exception and not `false`.
 * @returns the answer
 * @throws the last exception when time is up
 */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const until = performance.now() + (options.timeoutMs ?? 30_000);
  for (;;) {
    let problem: unknown = new Error("it never became true");
    try {
      const answer = await ask();
      if (answer !== false) return answer;
    } catch (error) {
      problem = error;
    }
    if (performance.now() >= until) throw problem;
    await sleep(options.everyMs ?? 10);
  }
}
