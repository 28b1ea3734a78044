/**
 * The parts of this package that need no schema library: what a worker thread or a quick command loads.
 * The same names as in the main entry.
 */
export * from "./clock.ts";
export * from "./digest.ts";
export * from "./error.ts";
export * from "./event/codec.ts";
export * from "./event/dedup.ts";
export * from "./event/quality.ts";
export * from "./event/severity.ts";
export * from "./event/version.ts";
export * from "./generated/settings.ts";
export * from "./observe/debounce.ts";
export * from "./observe/diff.ts";
export * from "./observe/hint.ts";
export * from "./observe/limit.ts";
export * from "./observe/rename.ts";
export * from "./observe/snapshot.ts";
export * from "./path.ts";
export * from "./policy/expand.ts";
export { GLOB_ERRORS, globProblem } from "./policy/glob.ts";
export * from "./policy/match.ts";
export * from "./policy/merge.ts";
export * from "./wire/host.ts";
export type * from "./policy/settings.ts";
export type * from "./event/event.ts";
export type * from "./event/evidence.ts";
export type * from "./policy/policy.ts";
export type * from "./policy/target.ts";
