/** Counts by name and tells of each name at most once a period, with how often it came meanwhile. */
export interface Notes {
  count(name: string): void;
  close(): void;
}

/** @param forget is told of a name that nobody counts any more */
export function createNotes(
  periodMs: number,
  tell: (name: string, count: number) => void,
  forget: (name: string) => void = () => undefined,
): Notes {
  const counts = new Map<string, number>();
  const told = new Set<string>();
  const timer = setInterval(() => {
    const before = [...told];
    told.clear();
    for (const [name, count] of counts) tell(name, count);
    for (const name of counts.keys()) told.add(name);
    counts.clear();
    for (const name of before) if (!told.has(name)) forget(name);
  }, periodMs).unref();
  return {
    count(name) {
      if (told.has(name)) {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return;
      }
      told.add(name);
      tell(name, 1);
    },
    close: () => clearInterval(timer),
  };
}
