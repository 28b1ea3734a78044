import { defineErrors, errorFactory } from "@sigil/core/plain";

/** Every failure the server can report; `docs/reference/errors.md` is generated from this table. */
export const SERVER_ERRORS = defineErrors({
  SIGIL_SERVER_STORE: {
    summary: "The store cannot be read or written.",
    hint: "check the room left on the disk and that this user owns the server's directory; senders keep what was not acknowledged",
  },
  SIGIL_SERVER_STORE_NEWER: {
    summary: "The store was written by a newer version.",
    hint: "install that version again, or give this one its own `store.file`",
  },
  SIGIL_SERVER_RUNNING: {
    summary: "Another server already works on this store.",
    hint: "stop it first, or give this one its own `store.file`",
  },
  SIGIL_SERVER_CURSOR: {
    summary: "A cursor was not made by this server.",
    hint: "pass `next` of the page before, unchanged",
  },
  SIGIL_SERVER_CA_ABSENT: {
    summary: "There is no certificate authority.",
    hint: "`sigil-server ca init` makes one; a lost CA is in docs/guide/recover.md",
  },
  SIGIL_SERVER_CA_EXISTS: {
    summary: "There is a certificate authority already.",
    hint: "it stays as it is: every host would have to be enrolled again with another",
  },
  SIGIL_SERVER_CA_UNUSABLE: {
    summary: "The certificate authority cannot be used.",
    hint: "check the files in the server's ca/ directory; a lost CA is in docs/guide/recover.md",
  },
  SIGIL_SERVER_CSR: {
    summary: "A certificate request cannot be used.",
    hint: "the host is named by exactly one SAN URI, sigil:host:<id>; docs/guide/enrol.md shows how",
  },
  SIGIL_SERVER_TLS: {
    summary: "There is no certificate to serve with, or it cannot be used.",
    hint: "`sigil-server ca init` makes what is needed; without TLS nothing is served",
  },
  SIGIL_SERVER_LISTEN: {
    summary: "The server cannot listen on the address.",
    hint: "another program may hold the port: set `listen` and `api` in server.yaml",
  },
  SIGIL_SERVER_REGISTRY: {
    summary: "The register of certificates, tokens and policies cannot be opened.",
    hint: "check who owns registry.db in the server's directory; a damaged or lost one is in docs/guide/recover.md",
  },
  SIGIL_SERVER_NAME: {
    summary: "A host id, group or server name cannot be used.",
    hint: "a host id has 1 to 128 printable characters, a group letters, digits, `.`, `_` and `-`",
  },
  SIGIL_SERVER_CERTIFICATE: {
    summary: "A certificate cannot be taken into the register.",
    hint: "it must be a host's, PEM, and signed by the CA that this server trusts",
  },
  SIGIL_SERVER_BACKUP: {
    summary: "A backup cannot be made.",
    hint: "name a directory that does not exist yet, with room for the stores",
  },
  SIGIL_SERVER_POLICY: {
    summary: "A policy cannot be published.",
    hint: "publish what `sigil-sign` wrote, unchanged",
  },
});

export type ServerErrorCode = keyof typeof SERVER_ERRORS;

/** Builds this package's failures. */
export const fail = errorFactory(SERVER_ERRORS);
