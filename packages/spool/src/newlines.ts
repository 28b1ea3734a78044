import { LINE_CAP_BYTES } from "./settings.ts";
import type { Window } from "./window.ts";

export const NEWLINE = 0x0a;

/**
 * Finds where lines end. What was scanned is remembered, so that asking for ever later places scans
 * each byte once, however far away the next newline is.
 */
export class Newlines {
  readonly #window: Window;
  // There is no newline from `from` up to `reached`; when `isFound` there is one at `reached`.
  #from = 0;
  #reached = 0;
  #isFound = false;

  constructor(window: Window) {
    this.#window = window;
  }

  /** How far it has looked. */
  get reached(): number {
    return this.#reached;
  }

  /** The first newline at or after `offset` that can end a line which starts there, else -1. */
  async after(offset: number): Promise<number> {
    if (offset < this.#from || offset > this.#reached) this.#startAt(offset);
    const limit = Math.min(this.#window.size, offset + LINE_CAP_BYTES + 1);
    while (!this.#isFound && this.#reached < limit) {
      const chunk = await this.#window.some(this.#reached);
      if (chunk.length === 0) break;
      const at = chunk.indexOf(NEWLINE);
      this.#isFound = at >= 0;
      this.#reached += at >= 0 ? at : chunk.length;
    }
    return this.#isFound && this.#reached - offset <= LINE_CAP_BYTES ? this.#reached : -1;
  }

  #startAt(offset: number): void {
    this.#from = offset;
    this.#reached = offset;
    this.#isFound = false;
  }
}
