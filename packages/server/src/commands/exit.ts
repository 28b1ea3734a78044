import type { ErrorStyle } from "@sigil/cli";

/** How this program speaks of errors. */
export const STYLE: ErrorStyle = {
  program: "sigil-server",
  config: /^SIGIL_(?:SERVER_(?:CA|TLS|NAME|CSR|CERTIFICATE|POLICY)|HOST_MODE|HOST_HOME)/,
  hints: {},
};
