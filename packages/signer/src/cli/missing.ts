import { countText } from "@sigil/cli";
import type { RootDocument } from "../root.ts";

/** What hosts will still ask for, as lines: a trust root that was signed too little is refused by all of them. */
export function missingSignatures(
  document: RootDocument,
  before: RootDocument | null,
  signers: ReadonlySet<string>,
): string[] {
  const asks = [
    ...(before === null ? [] : [{ whose: "of the trust root before", role: before.roles.root }]),
    { whose: "of its own", role: document.roles.root },
  ];
  return asks.flatMap(({ whose, role: { keyids, threshold } }) => {
    const left = threshold - keyids.filter((keyid) => signers.has(keyid)).length;
    if (left <= 0) return [];
    return [
      `hosts will ask for ${countText(left, "signature")} more ${whose} root keys: cosign it`,
    ];
  });
}
