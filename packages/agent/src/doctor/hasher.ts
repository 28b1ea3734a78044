import { info, ok, type Check } from "./check.ts";

/** Which BLAKE3 is used. It has passed the official vectors, or it would not load. */
export const hasherCheck: Check = {
  id: "hasher",
  title: "Hashing",
  async run(facts) {
    const { name } = await facts.hasher();
    return name === "native"
      ? ok("BLAKE3, native")
      : info("BLAKE3, WebAssembly; the native accelerator is optional and faster on large files");
  },
};
