import { ENVELOPE_START, MAX_REQUEST_BYTES } from "./protocol.ts";

/** What is known of a request after another piece of it. */
export type Taken =
  | { readonly kind: "more" }
  | { readonly kind: "line"; readonly line: Buffer }
  /** A delivery longer than is taken; its bytes are gone. */
  | { readonly kind: "too_large" }
  /** A delivery, while another is held. */
  | { readonly kind: "busy" }
  /** No request at all: the peer is cut off. */
  | { readonly kind: "refused" };

export interface IntakeLimits {
  /** Longest request that carries a delivery. Bytes. */
  readonly envelope: number;
  /** Called before more than {@link MAX_REQUEST_BYTES} are held. @returns false: another delivery is held */
  claim(): boolean;
}

const MORE: Taken = { kind: "more" };
const REFUSED: Taken = { kind: "refused" };
/** What is read and dropped of a delivery that is too large, so that its sender can be told, in deliveries. */
const DROPPED = 4;

/** Collects one line from pieces in time that grows with its length, and holds no more of it than may be asked. */
export function createIntake(limits: IntakeLimits): { take(chunk: Buffer): Taken } {
  const start = Buffer.from(ENVELOPE_START);
  let pieces: Buffer[] = [];
  let head = Buffer.alloc(0);
  let length = 0;
  let large = false;

  /** Lets a long request in, if it is one that may be long. @returns why not, or null */
  function refusal(): Taken | null {
    if (large) return null;
    if (!head.equals(start)) return REFUSED;
    large = limits.claim();
    return large ? null : { kind: "busy" };
  }

  return {
    take(chunk) {
      const end = chunk.indexOf(0x0a);
      const piece = end < 0 ? chunk : chunk.subarray(0, end);
      if (head.length < start.length)
        head = Buffer.concat([head, piece.subarray(0, start.length - head.length)]);
      length += piece.length;
      const refused = length > MAX_REQUEST_BYTES ? refusal() : null;
      if (refused) return refused;
      if (length > limits.envelope) {
        pieces = [];
        if (length > limits.envelope * DROPPED) return REFUSED;
        return end < 0 ? MORE : { kind: "too_large" };
      }
      pieces.push(piece);
      return end < 0 ? MORE : { kind: "line", line: Buffer.concat(pieces, length) };
    },
  };
}
