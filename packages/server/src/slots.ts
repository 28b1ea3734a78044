/** Lets a few at a time do what is costly; the others wait in line. */
export interface Slots<Tool> {
  /**
   * @param work is lent a tool of its own
   * @returns what `work` returns, or null when too many wait already
   */
  run<T>(work: (tool: Tool) => Promise<T>): Promise<T | null>;
  readonly waiting: number;
}

/** @param makeTool makes what each of those at work needs; at most `maxRunning` of them */
export function createSlots<Tool>(
  maxRunning: number,
  maxWaiting: number,
  makeTool: () => Tool,
): Slots<Tool> {
  const line: ((tool: Tool) => void)[] = [];
  const free: Tool[] = [];
  let made = 0;

  async function take(): Promise<Tool | null> {
    const tool = free.pop();
    if (tool !== undefined) return tool;
    if (made < maxRunning) {
      made += 1;
      return makeTool();
    }
    return line.length >= maxWaiting ? null : new Promise((resolve) => line.push(resolve));
  }

  return {
    get waiting() {
      return line.length;
    },
    async run(work) {
      const tool = await take();
      if (tool === null) return null;
      try {
        return await work(tool);
      } finally {
        const next = line.shift();
        if (next) next(tool);
        else free.push(tool);
      }
    },
  };
}
