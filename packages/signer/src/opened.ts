import type { Audience } from "./metadata.ts";

export type HostPlatform = "linux" | "macos" | "windows";

/** A policy whose every byte is signed. The parts are not interpreted here. */
export type OpenedPolicy = {
  readonly version: number;
  /** RFC 3339. */
  readonly issued: string;
  /** RFC 3339. */
  readonly expires: string;
  readonly audience: Audience;
  /** SHA-256 of the signed metadata, `sha256:<hex>`. */
  readonly digest: string;
  /** Whose signatures counted. */
  readonly keyids: readonly string[];
  /** UTF-8 texts. */
  readonly parts: { readonly policy: Uint8Array; readonly rubric: Uint8Array | null };
};
