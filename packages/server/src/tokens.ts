import { createHash, randomBytes } from "node:crypto";

/** Tells a leaked token from other text, for those who scan for secrets. */
const TOKEN_PREFIX = "sgl_";

const SECRET = /^sgl_[A-Za-z0-9_-]{43}$/;

/** 256 random bits: nothing about them can be guessed, so a plain hash keeps them. */
export function newSecret(): string {
  return TOKEN_PREFIX + randomBytes(32).toString("base64url");
}

/** Names a token to its operator; no secret. */
export function newTokenId(): string {
  return randomBytes(6).toString("hex");
}

export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/** SHA-256, which is all that is kept. */
export function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
