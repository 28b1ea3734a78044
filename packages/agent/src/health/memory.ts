export interface MemoryPorts {
  /** Resident memory. MiB. */
  usedMb(): number;
  /** Gives back what can be given. @returns false when there is nothing */
  relieve(): boolean;
  /** Too much, and nothing could be given back. */
  onExceeded(what: string): void;
}

/** Watches our own memory: a process ends only for what it cannot give back. */
export function createMemoryGuard(limitMb: number, ports: MemoryPorts) {
  let relieved = false;
  return {
    check(): void {
      const used = ports.usedMb();
      if (used <= limitMb) {
        relieved = false;
        return;
      }
      // One turn without: what was given back is counted at the next look.
      if (!relieved && ports.relieve()) {
        relieved = true;
        return;
      }
      ports.onExceeded(`memory: ${used} MiB, limit ${limitMb}`);
    },
  };
}
