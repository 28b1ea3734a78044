/** Sequences from one to another, both included. */
export type Range = { readonly from: number; readonly to: number };

/** Adds a sequence to ascending ranges. */
export function extend(ranges: Range[], sequence: number): void {
  const last = ranges.at(-1);
  if (last?.to === sequence - 1) ranges[ranges.length - 1] = { from: last.from, to: sequence };
  else ranges.push({ from: sequence, to: sequence });
}

/** At most `most` ranges: the last one takes in those that are too many, and what lies between. */
export function joined(ranges: readonly Range[], most: number): readonly Range[] {
  const last = ranges.at(-1);
  const cut = ranges[most - 1];
  if (last === undefined || cut === undefined) return ranges;
  return [...ranges.slice(0, most - 1), { from: cut.from, to: last.to }];
}

export function covers(ranges: readonly Range[], sequence: number): boolean {
  return ranges.some(({ from, to }) => from <= sequence && sequence <= to);
}
