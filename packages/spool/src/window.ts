import { Buffer } from "node:buffer";
import type { SpoolHandle } from "./files.ts";

const WINDOW_BYTES = 256 * 1024;

/**
 * A moving view of one file: memory stays at one window plus the longest line whatever the file's
 * size. Views handed out stay valid: a window is never written to again.
 */
export class Window {
  readonly size: number;
  readonly #handle: SpoolHandle;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(handle: SpoolHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  /** The bytes from `offset` on if they are at hand, else null. */
  peek(offset: number, length: number): Buffer | null {
    const from = offset - this.#start;
    if (from < 0 || from + length > this.#buffer.length) return null;
    return this.#buffer.subarray(from, from + length);
  }

  /** `length` bytes from `offset`; fewer only where the file ends. */
  async view(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    return this.peek(offset, wanted) ?? (await this.#load(offset, wanted)).subarray(0, wanted);
  }

  /** Some bytes from `offset` on: at least one unless the file ends there. */
  async some(offset: number): Promise<Buffer> {
    const from = offset - this.#start;
    if (from >= 0 && from < this.#buffer.length) return this.#buffer.subarray(from);
    return await this.#load(offset, 1);
  }

  async #load(offset: number, length: number): Promise<Buffer> {
    const room = Math.max(0, this.size - offset);
    const buffer = Buffer.allocUnsafeSlow(Math.min(room, Math.max(length, WINDOW_BYTES)));
    const got = await this.#handle.read(buffer, offset);
    this.#buffer = buffer.subarray(0, got);
    this.#start = offset;
    return this.#buffer;
  }
}
