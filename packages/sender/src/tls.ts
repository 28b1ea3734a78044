import { errnoOf, messageOf } from "@sigil/core/plain";
import type { Fault, TlsCause } from "./ports.ts";

/** Codes of OpenSSL's certificate checks (`X509_V_ERR_*` as Node.js names them) and of Node.js itself. */
const CAUSES: Readonly<Record<string, TlsCause>> = {
  CERT_HAS_EXPIRED: "server_certificate_expired",
  CERT_NOT_YET_VALID: "server_certificate_expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "server_name_mismatch",
  ERR_TLS_CERT_ALTNAME_FORMAT: "server_name_mismatch",
  HOSTNAME_MISMATCH: "server_name_mismatch",
  SELF_SIGNED_CERT_IN_CHAIN: "server_certificate_untrusted",
  DEPTH_ZERO_SELF_SIGNED_CERT: "server_certificate_untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "server_certificate_untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "server_certificate_untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "server_certificate_untrusted",
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: "server_certificate_untrusted",
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: "server_certificate_untrusted",
  CERT_SIGNATURE_FAILURE: "server_certificate_untrusted",
  CERT_CHAIN_TOO_LONG: "server_certificate_untrusted",
  CERT_REVOKED: "server_certificate_untrusted",
  CERT_UNTRUSTED: "server_certificate_untrusted",
  CERT_REJECTED: "server_certificate_untrusted",
  INVALID_CA: "server_certificate_untrusted",
  INVALID_PURPOSE: "server_certificate_untrusted",
  PATH_LENGTH_EXCEEDED: "server_certificate_untrusted",
};

/** Alerts of the peer, RFC 8446 §6.2, as OpenSSL words them in `ERR_SSL_…_ALERT_…`. */
const REVOKED = /^ERR_SSL_.*ALERT_CERTIFICATE_REVOKED$/;
const REJECTED =
  /^ERR_SSL_.*ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|NO_CERTIFICATE|CERTIFICATE_(?:EXPIRED|UNKNOWN|REQUIRED)|UNKNOWN_CA|ACCESS_DENIED)$/;

/** This side's own certificate or key, as OpenSSL reads them. */
const UNUSABLE = /^ERR_OSSL_|^ERR_CRYPTO_/;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection-refused",
  ECONNRESET: "connection-reset",
  ECONNABORTED: "connection-reset",
  EPIPE: "connection-reset",
  UND_ERR_SOCKET: "connection-reset",
  ENOTFOUND: "name-not-found",
  EAI_AGAIN: "name-not-found",
  ETIMEDOUT: "connect-timeout",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  UND_ERR_HEADERS_TIMEOUT: "answer-timeout",
  UND_ERR_BODY_TIMEOUT: "answer-timeout",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "answer-malformed",
  UND_ERR_HEADERS_OVERFLOW: "answer-too-large",
  PROXY: "proxy",
};

/** What a failed connection or request says about certificates; null: nothing. */
export function tlsCauseOf(code: string | null): TlsCause | null {
  if (code === null) return null;
  const known = CAUSES[code];
  if (known !== undefined) return known;
  if (REVOKED.test(code)) return "own_certificate_revoked";
  if (REJECTED.test(code)) return "own_certificate_rejected";
  if (UNUSABLE.test(code)) return "own_certificate_unusable";
  return /^ERR_(?:SSL|TLS)_/.test(code) || code === "EPROTO" ? "handshake_failed" : null;
}

/** Anything thrown by a connection or a request, as a fault. */
export function faultOf(error: unknown): Fault {
  const code = errnoOf(error);
  const detail = firstLine(messageOf(error));
  const cause = tlsCauseOf(code);
  if (cause !== null) return { kind: "tls", cause, detail: `${detail} (${code})` };
  return { kind: "network", reason: reasonOf(code), detail };
}

function reasonOf(code: string | null): string {
  if (code === null) return "network-error";
  return REASONS[code] ?? (code.startsWith("HPE_") ? "answer-malformed" : "network-error");
}

/** OpenSSL's messages end with file names of its own and a newline. */
function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 300);
}
