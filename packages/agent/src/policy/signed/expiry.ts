export interface ExpiryPorts {
  now(): number;
  /** When what is in force expires, RFC 3339; null: never, or nothing is in force. */
  expires(): string | null;
  /** Called at each look. */
  onLook(expired: boolean): void;
}

export interface ExpiryWatch {
  /** Looks now, and from here on again. */
  look(): void;
  close(): void;
}

/** Clocks are set and machines sleep: a timer alone may come late. */
const LONGEST_WAIT_MS = 60_000;

/** Looks at the clock when a policy expires, and each minute. Keeps no process alive. */
export function watchExpiry(ports: ExpiryPorts): ExpiryWatch {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const look = () => {
    clearTimeout(timer);
    if (closed) return;
    const expires = ports.expires();
    const left = expires === null ? Infinity : Date.parse(expires) - ports.now();
    ports.onLook(left <= 0);
    const wait = left <= 0 ? LONGEST_WAIT_MS : Math.min(LONGEST_WAIT_MS, left);
    timer = setTimeout(look, Math.max(1, wait)).unref();
  };
  return {
    look,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
