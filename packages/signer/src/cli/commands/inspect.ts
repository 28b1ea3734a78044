import { alignColumns, bytesText, EXIT, print, printable, printJson } from "@sigil/cli";
import { decodeBase64 } from "../../base64.ts";
import { digestOf } from "../../bytes.ts";
import { fail } from "../../errors.ts";
import { readMetadata, type PolicyMetadata } from "../../metadata.ts";
import { isRefusal } from "../../reason.ts";
import { readRoot, type RootDocument } from "../../root.ts";
import { VERIFY_LIMITS, type Envelope, type PolicyEnvelope } from "../../verify.ts";
import { loadSealed } from "../sealed.ts";
import { note } from "../style.ts";
import { audienceText } from "./sign.ts";

export interface InspectFlags {
  readonly json?: boolean;
}

type Seen =
  | {
      readonly kind: "policy";
      readonly signed: PolicyMetadata;
      readonly digest: string;
      readonly keyids: string[];
    }
  | {
      readonly kind: "root";
      readonly signed: RootDocument;
      readonly digest: string;
      readonly keyids: string[];
    };

/** `sigil-sign inspect FILE`. @throws SIGIL_SIGNER_ENVELOPE_INVALID */
export function inspect(file: string, { json }: InspectFlags): number {
  const sealed = loadSealed(file);
  const seen =
    sealed.kind === "delivery"
      ? [
          ...sealed.delivery.roots.map((root) => lookAtRoot(root, file)),
          ...(sealed.delivery.policy ? [lookAtPolicy(sealed.delivery.policy, file)] : []),
        ]
      : [
          sealed.kind === "root"
            ? lookAtRoot(sealed.envelope, file)
            : lookAtPolicy(sealed.envelope, file),
        ];
  if (json) printJson({ file, kind: sealed.kind, verified: false, contents: seen });
  else for (const line of seen.flatMap(linesOf)) print(printable(line));
  note("nothing of this is verified; `sigil-sign verify` does that");
  return EXIT.ok;
}

function lookAtRoot(envelope: Envelope, file: string): Seen {
  const payload = payloadOf(envelope, file);
  const root = readRoot(payload, VERIFY_LIMITS);
  if (isRefusal(root)) throw invalid(file, root.detail);
  return { kind: "root", signed: root.document, ...common(envelope, payload) };
}

function lookAtPolicy(envelope: PolicyEnvelope, file: string): Seen {
  const payload = payloadOf(envelope, file);
  const metadata = readMetadata(payload);
  if (isRefusal(metadata)) throw invalid(file, metadata.detail);
  return { kind: "policy", signed: metadata, ...common(envelope, payload) };
}

function payloadOf({ payload }: Envelope, file: string): Uint8Array {
  const bytes = decodeBase64(payload);
  if (bytes === null) throw invalid(file, "its payload is not base64");
  return bytes;
}

function common({ signatures }: Envelope, payload: Uint8Array) {
  return { digest: digestOf(payload), keyids: signatures.map(({ keyid }) => keyid) };
}

function invalid(file: string, detail: string) {
  return fail("SIGIL_SIGNER_ENVELOPE_INVALID", `${file}: ${detail}`);
}

function linesOf(seen: Seen): string[] {
  const { signed, digest, keyids } = seen;
  const what = seen.kind === "policy" ? "policy" : "trust root";
  const rows: (readonly string[])[] = [
    ["issued", signed.issued],
    ["expires", signed.expires],
    ["digest", digest],
    ...(seen.kind === "policy" ? policyRows(seen.signed) : rootRows(seen.signed)),
    ...keyids.map((keyid) => ["says signed by", keyid === "" ? "(no name)" : keyid]),
  ];
  if (keyids.length === 0) rows.push(["says signed by", "nobody"]);
  return [`${what} ${signed.version}`, ...alignColumns(rows, "  ")];
}

function policyRows({ audience, parts }: PolicyMetadata): (readonly string[])[] {
  const { policy, rubric } = parts;
  return [
    ["for", audienceText(audience)],
    ["part policy", partText(policy)],
    ...(rubric ? [["part rubric", partText(rubric)]] : []),
  ];
}

function partText({ bytes, digest }: PolicyMetadata["parts"]["policy"]): string {
  return `${bytesText(bytes)}, ${digest}`;
}

function rootRows({ keys, roles }: RootDocument): (readonly string[])[] {
  return Object.entries(roles).flatMap(([role, { keyids, threshold }]) => [
    [`role ${role}`, `${threshold} of ${keyids.length}`],
    ...keyids.map((keyid) => ["", `${keyid}${windowText(keys[keyid])}`]),
  ]);
}

function windowText(key: RootDocument["keys"][string] | undefined): string {
  const from = key?.not_before === undefined ? "" : `, from ${key.not_before}`;
  return key?.not_after === undefined ? from : `${from}, until ${key.not_after}`;
}
