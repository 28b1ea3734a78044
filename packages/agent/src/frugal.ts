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
];
/** Nothing that runs at the start only, or now and then, is worth compiling. */
export const PATIENT_FLAGS: readonly string[] = [
  "--invocation-count-for-maglev=4000",
  "--invocation-count-for-maglev-osr=1000",
];
/** V8's own measure. */
export const EAGER_FLAGS: readonly string[] = [
  "--invocation-count-for-maglev=400",
  "--invocation-count-for-maglev-osr=100",
];
/** Work that takes longer is worth compiling at once. */
const LONG_MS = 100;

let isFrugal = false;

/** From here on memory counts more than the last bit of speed, in every thread. */
export function liveFrugally(): void {
  set([...FRUGAL_FLAGS, ...PATIENT_FLAGS]);
  isFrugal = true;
}

/** Compiles eagerly while a long piece of work lasts: a sweep of many files, not one of a home where nothing happens. */
export async function whileItLasts<T>(work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => isFrugal && set(EAGER_FLAGS), LONG_MS).unref();
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    if (isFrugal) set(PATIENT_FLAGS);
  }
}

function set(flags: readonly string[]): void {
  for (const flag of flags) setFlagsFromString(flag);
}
