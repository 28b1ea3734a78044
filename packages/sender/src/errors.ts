import { defineErrors, errorFactory } from "@sigil/core/plain";

/** Every failure this package throws. `docs/reference/errors.md` is generated from this table. */
export const SENDER_ERRORS = defineErrors({
  SIGIL_SENDER_RUNNING: {
    summary: "Another sender ships this spool.",
    hint: "Stop the other one first (`sigil-sender status` tells of it); a spool has one sender.",
  },
  SIGIL_SENDER_SERVER_MISSING: {
    summary: "No server is configured.",
    hint: "Set server.url in sender.yaml, or give --server.",
  },
  SIGIL_SENDER_PROXY_INVALID: {
    summary: "The proxy cannot be used.",
    hint: "Give an http:// or https:// URL in server.proxy, or in HTTPS_PROXY with `proxy: environment`.",
  },
  SIGIL_SENDER_CHAIN: {
    summary: "The batch chain's memory cannot be written.",
    hint: "Check the disk and the permissions of the sender's state directory.",
  },
  SIGIL_SENDER_CERTIFICATE: {
    summary: "This host's certificate cannot be read.",
    hint: "Run `sigil-sender enroll`, or set server.certificate_file in sender.yaml.",
  },
  SIGIL_SENDER_KEY: {
    summary: "The private key of this host's certificate cannot be read.",
    hint: "Run `sigil-sender enroll`, or set server.key_file in sender.yaml; the sender's user must be able to read it.",
  },
  SIGIL_SENDER_KEY_MODE: {
    summary: "Others could read or replace the private key.",
    hint: "chmod it to 0600, or 0640 with the sender's group; whoever could read it should be assumed to have it: enrol again.",
  },
  SIGIL_SENDER_KEY_MISMATCH: {
    summary: "The private key is not the one of the certificate.",
    hint: "Put the two that belong together in place; `sigil-sender enroll` makes both.",
  },
  SIGIL_SENDER_CA: {
    summary: "The authority that servers are checked against cannot be read.",
    hint: "Put the CA certificate of the server there, or set server.ca_file in sender.yaml.",
  },
  SIGIL_SENDER_AGENT_UNREACHABLE: {
    summary: "No agent answers on the control socket.",
    hint: "Start it with `sigil run`; the sender must run in the same mode, as a user that may open the socket.",
  },
  SIGIL_SENDER_AGENT_REFUSED: {
    summary: "The agent did not take the request, or its answer cannot be read.",
    hint: "Compare `sigil version` and `sigil-sender version`; the agent's log says more.",
  },
  SIGIL_SENDER_ENROLL_EXISTS: {
    summary: "This host has a certificate already.",
    hint: "Give --force to replace it.",
  },
  SIGIL_SENDER_ENROLL_HOST: {
    summary: "The host id to enrol is not known.",
    hint: "Start the agent first, or give --host-id; it must be the id in the agent's events.",
  },
  SIGIL_SENDER_ENROLL_REFUSED: {
    summary: "The server did not issue a certificate.",
    hint: "Check the token: its scope, its uses and its end; `sigil-server token list` shows them.",
  },
  SIGIL_SENDER_ENROLL_UNREACHABLE: {
    summary: "The server cannot be reached to enrol.",
    hint: "Check the URL (the server's API, not the port for batches), the network and --ca.",
  },
  SIGIL_SENDER_ENROLL_ANSWER: {
    summary: "What the server issued cannot be used.",
    hint: "Check that the URL is a Sigil server's API; nothing was written.",
  },
  SIGIL_SENDER_QUARANTINE_ENTRY: {
    summary: "There is no such entry in the quarantine.",
    hint: "`sigil-sender quarantine list` shows the entries there are.",
  },
});

export type SenderErrorCode = keyof typeof SENDER_ERRORS;

/** Builds this package's failures. */
export const fail = errorFactory(SENDER_ERRORS);
