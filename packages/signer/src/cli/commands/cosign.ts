import { EXIT, countText } from "@sigil/cli";
import { fail } from "../../errors.ts";
import { addSignature, envelopeText } from "../../sign.ts";
import type { Envelope } from "../../verify.ts";
import { emit } from "../files.ts";
import { loadKeys } from "../keys.ts";
import { loadSealed } from "../sealed.ts";
import { note } from "../style.ts";

export interface CosignFlags {
  readonly key: readonly string[];
  readonly passphraseFile?: string;
  readonly out?: string;
}

/** `sigil-sign cosign ENVELOPE`. */
export async function cosign(file: string, flags: CosignFlags): Promise<number> {
  const sealed = loadSealed(file);
  if (sealed.kind === "delivery")
    throw fail("SIGIL_SIGNER_ENVELOPE_INVALID", `${file} is a delivery`, {
      hint: "sign the envelopes, then bundle them",
    });
  const keys = await loadKeys(flags.key, flags.passphraseFile);
  const signed = keys.reduce<Envelope>(addSignature, sealed.envelope);
  emit(envelopeText(signed), flags.out ?? file);
  note(`it has ${countText(signed.signatures.length, "signature")} now`);
  return EXIT.ok;
}
