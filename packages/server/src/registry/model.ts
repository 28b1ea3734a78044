/** A certificate this server's CA issued. Serial: lower-case hex without leading zeros. */
export type IssuedCertificate = {
  readonly serial: string;
  readonly host_id: string;
  readonly group: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly issued_at: string;
  readonly revoked_at: string | null;
  readonly revoked_why: string | null;
};

export const SCOPES = ["read", "enroll", "metrics"] as const;
export type Scope = (typeof SCOPES)[number];

/** A bearer token; only its SHA-256 is kept. */
export type TokenRecord = {
  readonly id: string;
  readonly scopes: readonly Scope[];
  /** For `enroll`: the group new hosts get, and how many it may still enroll. */
  readonly group: string | null;
  readonly uses_left: number | null;
  /** For `enroll`: it also enrolls hosts that have a good certificate. */
  readonly replace: boolean;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly label: string;
};

/** What a peer's certificate comes to, asked on every request. */
export type CertificateStatus =
  | { readonly kind: "good"; readonly host_id: string; readonly group: string }
  | { readonly kind: "revoked"; readonly at: string }
  | { readonly kind: "unknown" };

/** A signed policy delivery as published for a group: opaque bytes. */
export type PublishedPolicy = {
  readonly group: string;
  /** Strong ETag without quotes. */
  readonly etag: string;
  readonly bytes: Uint8Array;
  readonly published_at: string;
};

/** Who may talk to this server and what they are given. Each method may throw SIGIL_SERVER_STORE. */
export interface Registry {
  /** Looks at what is durable now: a revocation by another process counts at once. */
  certificate(serial: string): CertificateStatus;
  certificates(filter: { readonly host?: string }): readonly IssuedCertificate[];
  addCertificate(issued: Omit<IssuedCertificate, "revoked_at" | "revoked_why">): void;
  /** @returns false when there is no such certificate, or it is revoked already */
  revoke(serial: string, why: string, at: string): boolean;
  /** Changes whenever anything was revoked, by whichever process. */
  revocationMark(): string;
  token(secret: string, now: number): TokenRecord | null;
  tokens(): readonly TokenRecord[];
  /** @returns the secret, which is not kept */
  createToken(
    token: Omit<TokenRecord, "id" | "created_at">,
    at: string,
  ): { readonly id: string; readonly secret: string };
  /** One use of an `enroll` token; false when none is left. */
  useToken(id: string): boolean;
  deleteToken(id: string): boolean;
  /** Of the group itself; what hosts of other groups get is for the caller to say. */
  policy(group: string): PublishedPolicy | null;
  publish(group: string, bytes: Uint8Array, at: string): PublishedPolicy;
  /** @returns false when the group had none of its own */
  unpublish(group: string): boolean;
  policies(): readonly Omit<PublishedPolicy, "bytes">[];
  close(): void;
}
