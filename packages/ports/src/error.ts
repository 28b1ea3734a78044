import { defineErrors, errorFactory } from "@sigil/core/plain";

export const PORTS_ERRORS = defineErrors({
  SIGIL_HASH_SELFTEST: {
    summary: "The BLAKE3 implementation gives wrong digests.",
    hint: "reinstall; nothing is recorded with a hash that cannot be trusted",
  },
});

export const fail = errorFactory(PORTS_ERRORS);
