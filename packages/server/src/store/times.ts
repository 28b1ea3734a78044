/** RFC 3339, UTC, milliseconds. */
export function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** Milliseconds, or null for what is no time. */
export function timeOf(text: string): number | null {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, index) => hex.slice(cuts[index], end))
    .join("-");
}
