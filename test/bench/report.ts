/** What a figure was measured beside, in the same run. Same unit as the figure. */
export interface Peer {
  readonly what: string;
  readonly value: number;
}

/** A bar from the product's list of aims; `of: "ratio"` is the figure divided by its peer's. */
export interface Aim {
  readonly of: "value" | "ratio";
  readonly is: "at_most" | "at_least";
  readonly limit: number;
}

export type Unit = "ms" | "MiB" | "% of a core" | "events/s" | "hosts";

/** One measured number. A figure without an aim is there to explain the others. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  readonly peer?: Peer;
  readonly aim?: Aim;
}

/** What one bench came to. Data only: it is rendered and stored elsewhere. */
export interface Report {
  readonly id: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

/** How much is measured: `quick` shows that the benches work, its figures mean little. */
export type Size = "quick" | "bounded" | "full";

export interface Bench {
  readonly id: string;
  run(size: Size): Promise<Report>;
}

export function ratioOf(figure: Figure): number | null {
  return figure.peer && figure.peer.value > 0 ? figure.value / figure.peer.value : null;
}

/** @returns null when there is no aim, or nothing to divide by */
export function isMet(figure: Figure): boolean | null {
  const { aim } = figure;
  if (!aim) return null;
  const measured = aim.of === "ratio" ? ratioOf(figure) : figure.value;
  if (measured === null || Number.isNaN(measured)) return null;
  return aim.is === "at_most" ? measured <= aim.limit : measured >= aim.limit;
}

export function atMost(limit: number, of: Aim["of"] = "value"): Aim {
  return { of, is: "at_most", limit };
}

export function atLeast(limit: number): Aim {
  return { of: "value", is: "at_least", limit };
}
