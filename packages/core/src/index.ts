/**
 * What an event, a policy, a target and a change are, and the pure steps between them.
 * This package reads no file, no clock and no environment, and opens nothing: bytes, time and hashes are handed in.
 */
export * from "./clock.ts";
export * from "./digest.ts";
export * from "./error.ts";
export * from "./event/codec.ts";
export * from "./event/dedup.ts";
export * from "./event/event.ts";
export * from "./event/evidence.ts";
export * from "./event/quality.ts";
export * from "./event/severity.ts";
export * from "./event/version.ts";
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
export * from "./policy/policy.ts";
export * from "./policy/settings.ts";
export * from "./policy/target.ts";
