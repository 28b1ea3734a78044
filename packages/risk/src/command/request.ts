import { UNKNOWN } from "../model/behavior.ts";
import type { Taint, Value } from "../model/behavior.ts";
import { record } from "./act.ts";
import type { Act } from "./act.ts";
import { fileContent, pathOf, readFile, writeFile } from "./files.ts";
import { hostOf } from "./knowledge/hosts.ts";
import { baseOf } from "./knowledge/path.ts";
import { transfer } from "./transfer.ts";
import { EMPTY, isOpaque, known, unknown } from "./value.ts";

/** URLs of one command that are looked at. */
const URL_LIMIT = 8;

/** What a request carries besides its address. */
export interface Request {
  readonly sink: string;
  readonly urls: readonly Value[];
  readonly body: readonly (Value | null)[];
  readonly auth: readonly Value[];
  readonly headers: readonly Value[];
  /** Files in the body, by resolved path. */
  readonly files: readonly string[];
  readonly output: "stdout" | "remote-name" | Value;
}

/** Notes what a request sends, host by host, and what it brings. */
export function request(act: Act, given: Request): void {
  const { world } = act.readers;
  const headers = given.headers.map(splitHeader);
  for (const url of given.urls.slice(0, URL_LIMIT)) {
    if (/^file:/i.test(url.text)) {
      act.draft.output = readFile(act, {
        ...url,
        text: url.text.replace(/^file:\/\/(?:localhost)?/i, ""),
      });
      continue;
    }
    const host = isOpaque(url) ? null : hostOf(url.text, world);
    const address = addressParts(url);
    transfer(act, {
      host,
      sink: given.sink,
      body: [
        ...given.body,
        ...address.data,
        ...headers.filter(({ auth }) => !auth).map(({ value }) => value),
      ],
      auth: [
        ...given.auth,
        ...address.auth,
        ...headers.filter(({ auth }) => auth).map(({ value }) => value),
      ],
      files: given.files,
    });
    bring(act, url, host, given.output);
  }
}

/** Where a cloud hands its machines their credentials. */
const METADATA =
  /\/\/(?:169\.254\.(?:169\.254|170\.2)|\[?fd00:ec2::254\]?|metadata\.google\.internal|100\.100\.100\.200)[:/].{0,200}(?:credential|token|identity|user-?data|secur|\/v2\/)/i;

function bring(act: Act, url: Value, host: string | null, output: Request["output"]): void {
  const taints: Taint[] = [{ kind: "download", host }];
  if (METADATA.test(url.text.includes("//") ? url.text : `//${url.text}`)) {
    const secret: Taint = { kind: "secret", source: "instance metadata" };
    record(act.draft.reads, secret);
    taints.unshift(secret);
  }
  const content = unknown(taints);
  if (output === "stdout") {
    act.draft.output = act.draft.output
      ? { ...content, taints: [...act.draft.output.taints, ...content.taints] }
      : content;
    return;
  }
  const name = baseOf(url.text.replace(/[?#].*$/, "")) || "index.html";
  const file = output === "remote-name" ? known(name) : output;
  if (/^(?:-|\/dev\/stdout)$/.test(file.text)) {
    act.draft.output = content;
    return;
  }
  writeFile(act, file, content);
  act.draft.output ??= EMPTY;
}

/** What of an address is data and what is a credential. An address that is a variable as a whole is neither. */
function addressParts(url: Value): {
  readonly data: readonly Value[];
  readonly auth: readonly Value[];
} {
  if (url.taints.length === 0 || isOpaque(url)) return { data: [], auth: [] };
  // `$WEBHOOK_URL/x`: the address itself is what is kept secret.
  if (url.text.startsWith(UNKNOWN)) {
    const taints = url.taints.filter(
      (taint) => taint.kind !== "secret" || !/URL|WEBHOOK|URI|DSN/.test(taint.source),
    );
    return { data: [{ ...url, taints }], auth: [] };
  }
  const user = /^[a-z][a-z0-9+.-]{0,20}:\/\/([^/?#]*)@/i.exec(url.text)?.[1];
  return user?.includes(UNKNOWN) ? { data: [], auth: [url] } : { data: [url], auth: [] };
}

const AUTH_HEADER =
  /^\s*(?:(?:proxy-)?authorization|cookie|[a-z0-9-]*(?:token|api-?key|apikey|access-key|auth|secret|credential|signature)[a-z-]*|[a-z0-9-]+-key)\s*:/i;

function splitHeader(header: Value): { readonly value: Value; readonly auth: boolean } {
  return { value: header, auth: AUTH_HEADER.test(header.text) || isOpaque(header) };
}

/** A file that goes along: its content, and its path for flows that cross commands. */
export function attach(act: Act, file: Value, files: string[]): Value {
  if (file.text === "-") return act.stdin ?? EMPTY;
  files.push(pathOf(act, file));
  return fileContent(act, file);
}
