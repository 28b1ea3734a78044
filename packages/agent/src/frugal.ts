import { setFlagsFromString } from "node:v8";

/**
 * What a process that mostly waits sets before it begins (ADR 21). Each is read by V8 whenever it decides, so it may be
 * set while the program runs: on a command line or in a shebang it would be lost.
 */
export const FRUGAL_FLAGS: readonly string[] = [
  // A sweep's findings outlive a few collections, for which the young generation would grow to 16 MB and stay.
  "--semi-space-growth-factor=1",
  // Its code alone is 5 MB, and the compiler below it makes sweeps as quick.
  "--no-turbofan",
  // Nothing that runs at the start only is worth compiling.
  "--invocation-count-for-maglev=4000",
  "--invocation-count-for-maglev-osr=1000",
];

/** From here on memory counts more than the last bit of speed, in every thread. */
export function liveFrugally(): void {
  for (const flag of FRUGAL_FLAGS) setFlagsFromString(flag);
}
