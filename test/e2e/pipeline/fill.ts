import type { SpoolSettings } from "@sigil/spool";
import type { Program, ProgramOptions, start } from "./program.ts";

/** What the filler is told. */
export type FillerOrder = {
  readonly spool: string;
  readonly host: string;
  /** Stops after this many; killed or stopped earlier otherwise. */
  readonly events: number;
  /** Events in one append. */
  readonly append: number;
  /** Between two appends. */
  readonly pause_ms: number;
  readonly settings?: Partial<SpoolSettings>;
};

/** One line of the filler's stdout: the spool has these, whatever happens next. */
export type Acknowledged = {
  readonly first: number;
  readonly last: number;
  readonly ids: readonly string[];
};

/** Everything one spool ever acknowledged, over all of its fillers. */
export interface Fill {
  readonly acknowledged: readonly Acknowledged[];
  /** Event id to sequence. */
  ids(): Map<string, number>;
  count(): number;
  /** Starts another process on the same spool. */
  start(order?: Partial<FillerOrder>, env?: ProgramOptions["env"]): Program;
}

export function createFill(input: {
  readonly home: string;
  readonly spool: string;
  readonly host: string;
  readonly start: typeof start;
}): Fill {
  const acknowledged: Acknowledged[] = [];
  return {
    acknowledged,
    ids: () =>
      new Map(acknowledged.flatMap(({ first, ids }) => ids.map((id, at) => [id, first + at]))),
    count: () => acknowledged.reduce((sum, { ids }) => sum + ids.length, 0),
    start(order = {}, env = {}) {
      const whole: FillerOrder = {
        spool: input.spool,
        host: input.host,
        events: Number.MAX_SAFE_INTEGER,
        append: 20,
        pause_ms: 10,
        ...order,
      };
      return input.start("filler", {
        home: input.home,
        args: [JSON.stringify(whole)],
        env,
        onLine: (line) => void acknowledged.push(JSON.parse(line) as Acknowledged),
      });
    },
  };
}
