/** A hash over many pieces. */
export interface SpoolHasher {
  update(bytes: Uint8Array): void;
  /** 32 bytes. Called once. */
  digest(): Uint8Array;
}

/** The hash of every line, segment and manifest: BLAKE3 in the product, any 32-byte hash in tests. */
export interface SpoolHash {
  /** 32 bytes. */
  digest(bytes: Uint8Array): Uint8Array;
  create(): SpoolHasher;
}

/** A lock the operating system frees when its holder dies. */
export interface SpoolLock {
  /**
   * Throws when another process holds the lock of this directory: an error of ours, or one without a code. An error
   * with a code of the system's says that the lock could not be taken at all.
   */
  acquire(dir: string): SpoolLease;
}

export interface SpoolLease {
  release(): void;
}

export interface SpoolClock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Free bytes, for unprivileged users, of the disk that holds a directory. */
export interface SpoolRoom {
  free(dir: string): Promise<number>;
}

/** RFC 3339, UTC, milliseconds. */
export function timestamp(clock: SpoolClock): string {
  return new Date(clock.now()).toISOString();
}
