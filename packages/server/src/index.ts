/**
 * The reference receiver: knows hosts by their certificates, admits batches and answers once they are durable, keeps a
 * ledger of what is missing, serves signed policy, shows the fleet to those with a token.
 *
 * It will not: sign or interpret a policy, listen without TLS, take an event from a host in another's name, or change
 * one byte of an event.
 */
export { SERVER_ERRORS, type ServerErrorCode } from "./errors.ts";
export { buildProgram, main } from "./main.ts";
export { METRICS } from "./metrics.ts";
export { serverSettingsSchema, type ServerSettings } from "./settings.ts";
