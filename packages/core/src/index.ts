/**
 * What an event, a policy, a target and a change are, and the pure steps between them.
 * This package reads no file, no clock and no environment, and opens nothing: bytes, time and hashes are handed in.
 */
export * from "./event/event.ts";
export * from "./event/evidence.ts";
export * as setting from "./policy/field.ts";
export * from "./policy/policy.ts";
export * from "./policy/settings.ts";
export * from "./policy/target.ts";
export * from "./wire/ack.ts";
export * from "./wire/batch.ts";
export * from "./wire/hello.ts";
export * from "./wire/problem.ts";
export * from "./plain.ts";
