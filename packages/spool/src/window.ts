import { Buffer } from "node:buffer";
import type { SpoolHandle } from "./files.ts";

const WINDOW_BYTES = 256 * 1024;
const UINT32_BYTES = 4;

/**
 * A moving view of one file: memory stays at one window plus the longest line whatever the file's
 * size. Views handed out stay valid: a window is never written to again.
 */
export class Window {
  readonly size: number;
  readonly #handle: SpoolHandle;
  readonly #room: number;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #loaded = 0;

  constructor(handle: SpoolHandle, size: number, room: number = WINDOW_BYTES) {
    this.#handle = handle;
    this.size = size;
    this.#room = room;
  }

  /** Another view of the same file: two readers far apart do not take the bytes from each other. */
  twin(room: number = WINDOW_BYTES): Window {
    return new Window(this.#handle, this.size, room);
  }

  /** How many bytes were read from the file. */
  get loaded(): number {
    return this.#loaded;
  }

  /** The bytes from `offset` on if they are at hand, else null. */
  peek(offset: number, length: number): Buffer | null {
    const from = offset - this.#start;
    if (from < 0 || from + length > this.#buffer.length) return null;
    return this.#buffer.subarray(from, from + length);
  }

  /** The little endian number at `offset` if its bytes are at hand, else null. */
  peekUint32(offset: number): number | null {
    const from = offset - this.#start;
    if (from < 0 || from + UINT32_BYTES > this.#buffer.length) return null;
    return this.#buffer.readUInt32LE(from);
  }

  /** The byte at `offset` if it is at hand, else null. */
  peekByte(offset: number): number | null {
    return this.#buffer[offset - this.#start] ?? null;
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
    const buffer = Buffer.allocUnsafeSlow(Math.min(room, Math.max(length, this.#room)));
    const got = await this.#handle.read(buffer, offset);
    this.#buffer = buffer.subarray(0, got);
    this.#start = offset;
    this.#loaded += got;
    return this.#buffer;
  }
}
