/** Run by a test in a process of another user: prints what `observe` says of the path given. */
import { loadHasher } from "@sigil/ports/hash";
import { observe } from "../../src/pipeline/observe.ts";

const seen = observe(process.argv[1] ?? "", {
  follow: true,
  hasher: loadHasher(),
  maxBytes: 1 << 20,
  inlineMaxBytes: 1 << 20,
  attempts: 2,
  linkOwners: null,
});
const { digest, incomplete, symlinkTarget } =
  seen.kind === "present" ? seen.snapshot : { digest: null, incomplete: null, symlinkTarget: null };
process.stdout.write(
  JSON.stringify(
    seen.kind === "present" ? { kind: seen.kind, digest, incomplete, symlinkTarget } : seen,
  ),
);
