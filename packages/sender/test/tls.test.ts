import { describe, expect, it } from "vitest";
import { faultOf, tlsCauseOf } from "../src/tls.ts";

const error = (code: string, message = "no") => Object.assign(new Error(message), { code });

describe("tlsCauseOf", () => {
  it.each([
    ["CERT_HAS_EXPIRED", "server_certificate_expired"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "server_name_mismatch"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "server_certificate_untrusted"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "server_certificate_untrusted"],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "own_certificate_rejected"],
    ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "own_certificate_rejected"],
    ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", "own_certificate_rejected"],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "own_certificate_rejected"],
    ["ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED", "own_certificate_revoked"],
    ["ERR_OSSL_X509_KEY_VALUES_MISMATCH", "own_certificate_unusable"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "handshake_failed"],
    ["EPROTO", "handshake_failed"],
    ["ECONNRESET", null],
    [null, null],
  ] as const)("calls %s %s", (code, cause) => {
    expect(tlsCauseOf(code)).toBe(cause);
  });
});

describe("faultOf", () => {
  it.each([
    ["ECONNREFUSED", "connection-refused"],
    ["UND_ERR_SOCKET", "connection-reset"],
    ["EAI_AGAIN", "name-not-found"],
    ["UND_ERR_HEADERS_TIMEOUT", "answer-timeout"],
    ["HPE_INVALID_CONSTANT", "answer-malformed"],
    ["PROXY", "proxy"],
    ["EWHATEVER", "network-error"],
  ])("calls %s %s", (code, reason) => {
    expect(faultOf(error(code))).toEqual({ kind: "network", reason, detail: "no" });
  });

  it("keeps one bounded line of what OpenSSL says", () => {
    const fault = faultOf(error("ERR_SSL_X", `${"x".repeat(900)}\n../deps/openssl`));
    expect(fault).toMatchObject({ kind: "tls", cause: "handshake_failed" });
    expect("detail" in fault && fault.detail).toBe(`${"x".repeat(300)} (ERR_SSL_X)`);
  });

  it("takes anything that was thrown", () => {
    expect(faultOf("boom")).toEqual({ kind: "network", reason: "network-error", detail: "boom" });
  });
});
