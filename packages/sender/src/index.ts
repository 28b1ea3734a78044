/**
 * Carries what the agent recorded to a receiver, over mTLS, and signed policy back to the agent.
 *
 * A checkpoint moves only after the receiver said that the batch is durable there; whatever the receiver refuses is kept
 * in a quarantine and told of. Policy is opaque bytes here: the agent alone decides whether it is good.
 *
 * It will not: listen on the network, write the agent's spool, read a guard file, look into an event further than its host
 * id, trust a server whose certificate the configured authority did not issue, or send anything before it said hello.
 */
export { CONDITIONS, type Condition, type ConditionCode } from "./conditions.ts";
export { loadSenderConfig, type SenderConfig } from "./config.ts";
export { Daemon, startDaemon, type DaemonOptions } from "./daemon.ts";
export { SENDER_ERRORS, type SenderErrorCode } from "./errors.ts";
export { buildProgram, main } from "./main.ts";
export { senderSettingsSchema, type SenderSettings } from "./settings.ts";
export { senderStatusSchema, type SenderStatus } from "./status.ts";
