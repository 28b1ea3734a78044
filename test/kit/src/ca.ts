/** A certificate with its key, PEM. `serial`: lower-case hex without leading zeros. */
export type IssuedPair = {
  readonly certPem: string;
  readonly keyPem: string;
  readonly serial: string;
};

export type IssueOptions = {
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in a day. */
  readonly notAfter?: Date;
  /** Valid until an hour ago. */
  readonly expired?: boolean;
  /** Valid from in an hour. */
  readonly notYet?: boolean;
  /** The SAN URIs, instead of the one of the host. */
  readonly uri?: readonly string[];
  /** Hex; random by default. */
  readonly serial?: string;
};

/** A throwaway certificate authority: P-256, valid for a few days, its keys nowhere but here. */
export interface Authority {
  readonly caPem: string;
  readonly caKeyPem: string;
  /** A client certificate with the SAN URI `sigil:host:<id>`. */
  issueHost(hostId: string, options?: IssueOptions): Promise<IssuedPair>;
  /** @param names DNS names and IP addresses; default: what loopback is called */
  issueServer(names?: readonly string[], options?: IssueOptions): Promise<IssuedPair>;
}

/** Throwaway. The library behind it is loaded now, since most tests need none. */
export async function createAuthority(
  options: { readonly name?: string } = {},
): Promise<Authority> {
  const { makeAuthority } = await import("./authority.ts");
  return makeAuthority(options.name ?? "Sigil test CA");
}
