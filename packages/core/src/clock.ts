/** Time as the caller provides it. */
export interface Clock {
  /** Wall time, milliseconds since 1970-01-01T00:00:00Z. May jump. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Never goes back; differences only. */
  monotonic(): number;
}
