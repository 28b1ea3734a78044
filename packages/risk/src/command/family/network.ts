import { UNKNOWN } from "../../model/behavior.ts";
import type { Value } from "../../model/behavior.ts";
import type { Act, Family } from "../act.ts";
import { fileContent } from "../files.ts";
import { isUrl } from "../knowledge/hosts.ts";
import { baseOf } from "../knowledge/path.ts";
import { parseOptions } from "../options.ts";
import type { Options } from "../options.ts";
import { attach, request } from "../request.ts";
import type { Request } from "../request.ts";
import { EMPTY, known } from "../value.ts";

const CURL = {
  short: "AbcCdDeEFHKmoPQrtTuUwxXyYz",
  long: "data data-raw data-binary data-urlencode data-ascii json form form-string header user user-agent upload-file output output-dir url request proxy max-time connect-timeout retry retry-delay retry-max-time cookie cookie-jar referer config write-out cacert capath cert cert-type key key-type pass resolve connect-to interface unix-socket abstract-unix-socket url-query variable oauth2-bearer aws-sigv4 proxy-user netrc-file limit-rate max-redirs max-filesize range dns-servers doh-url socks4 socks4a socks5 socks5-hostname preproxy mail-from mail-rcpt ciphers tls-max noproxy dump-header trace trace-ascii stderr etag-save etag-compare proto proto-default proto-redir keepalive-time speed-limit speed-time time-cond continue-at telnet-option quote pinnedpubkey proxy-header proxy-cacert service-name krb engine random-file local-port happy-eyeballs-timeout-ms haproxy-clientip expect100-timeout create-file-mode rate login-options sasl-authzid tlsuser tlspassword hsts alt-svc expand-data expand-url expand-header expand-output".split(
    " ",
  ),
} as const;

/** Options out of a file or stdin (`-K`): one a line, as `name = "value"`. */
function configured(act: Act, config: Value): readonly Value[] {
  const content = fileContent(act, config);
  return content.text
    .split("\n")
    .slice(0, 64)
    .flatMap((line) => {
      const [, name, value] = /^\s{0,8}-{0,2}([\w-]{1,40})[ =:]{0,4}(.{0,2000})$/.exec(line) ?? [];
      if (name === undefined) return [];
      const flag = known(name.length === 1 ? `-${name}` : `--${name}`);
      const plain = (value ?? "").trim().replace(/^"(.*)"$/, "$1");
      return plain === "" ? [flag] : [flag, { ...content, text: plain }];
    });
}

function curl(given: Act): void {
  const configs = parseOptions(given.args, CURL).all("K", "config");
  const added = configs.slice(0, 4).flatMap((config) => configured(given, config));
  const act = added.length === 0 ? given : { ...given, args: [...given.args, ...added] };
  const options = parseOptions(act.args, CURL);
  const urls = [...options.operands, ...options.all("url", "expand-url")];
  if (options.has("unix-socket", "abstract-unix-socket")) return;
  const files: string[] = [];
  const body = [
    ...dataOf(act, options, files),
    ...formsOf(act, options, files),
    ...uploadsOf(act, options, files),
  ];
  const plain = [
    ...options.all(
      "e",
      "referer",
      "A",
      "user-agent",
      "url-query",
      "proxy-header",
      "mail-from",
      "variable",
    ),
  ];
  request(act, {
    sink: "curl",
    urls,
    body: [...body, ...plain],
    auth: options.all(
      "u",
      "user",
      "U",
      "proxy-user",
      "oauth2-bearer",
      "b",
      "cookie",
      "pass",
      "tlspassword",
    ),
    headers: options
      .all("H", "header", "expand-header")
      .map((header) => atFile(act, header, files) ?? header),
    files,
    output: curlOutput(options),
  });
  act.draft.output ??= EMPTY;
}

function dataOf(act: Act, options: Options, files: string[]): readonly Value[] {
  const raw = options.all("data-raw", "form-string", "expand-data");
  const data = options
    .all("d", "data", "data-binary", "data-ascii", "json")
    .map((value) => atFile(act, value, files) ?? value);
  const encoded = options.all("data-urlencode").map((value) => {
    const at = /^[^=@]*@(.+)$/s.exec(value.text);
    return at ? attach(act, { ...value, text: at[1] ?? "" }, files) : value;
  });
  return [...raw, ...data, ...encoded];
}

function formsOf(act: Act, options: Options, files: string[]): readonly Value[] {
  return options.all("F", "form").map((value) => {
    const file = /^[^=]*=[@<]([^;,]+)/.exec(value.text)?.[1];
    return file === undefined
      ? value
      : attach(act, { ...value, text: file.replaceAll('"', "") }, files);
  });
}

function uploadsOf(act: Act, options: Options, files: string[]): readonly Value[] {
  return options.all("T", "upload-file").map((value) => {
    if (value.text === "." || value.text === "-") return act.stdin ?? EMPTY;
    return attach(act, { ...value, text: value.text.replace(/^\{([^,}]+).*\}$/, "$1") }, files);
  });
}

function atFile(act: Act, value: Value, files: string[]): Value | null {
  if (!value.text.startsWith("@")) return null;
  return attach(act, { ...value, text: value.text.slice(1) }, files);
}

function curlOutput(options: Options): Request["output"] {
  const named = options.first("o", "output", "expand-output");
  if (named) return named;
  return options.has("O", "remote-name", "remote-name-all", "J") ? "remote-name" : "stdout";
}

const WGET = {
  short: "aBDeiIloOPQRStTUwX",
  long: "post-data post-file body-data body-file method header user password http-user http-password output-document output-file append-output input-file directory-prefix user-agent referer tries timeout wait quota limit-rate execute load-cookies ca-certificate certificate private-key base level accept reject domains exclude-domains include-directories exclude-directories proxy-user proxy-password bind-address dns-timeout connect-timeout read-timeout waitretry restrict-file-names".split(
    " ",
  ),
} as const;

function wget(act: Act): void {
  const options = parseOptions(act.args, WGET);
  const files: string[] = [];
  const posted = options.all("post-file", "body-file").map((file) => attach(act, file, files));
  const named = options.first("O", "output-document");
  const folder = options.first("P", "directory-prefix");
  const [first] = options.operands;
  const inFolder =
    folder && first ? { ...folder, text: `${folder.text}/${baseOf(first.text)}` } : null;
  request(act, {
    sink: act.name,
    urls: options.operands,
    body: [...options.all("post-data", "body-data", "U", "user-agent", "referer"), ...posted],
    auth: options.all("user", "password", "http-user", "http-password", "proxy-password"),
    headers: options.all("header"),
    files,
    output: named ?? inFolder ?? "remote-name",
  });
  act.draft.output ??= EMPTY;
}

/** HTTPie and its kin: `POST url name=value file@path Header:value`. */
function httpie(act: Act): void {
  const options = parseOptions(act.args, {
    short: "aAosp",
    long: [
      "auth",
      "auth-type",
      "output",
      "proxy",
      "timeout",
      "session",
      "style",
      "print",
      "raw",
      "verify",
      "cert",
      "bearer",
      "body",
    ],
  });
  const operands = options.operands.filter(({ text }) => !/^[A-Z]{3,8}$/.test(text));
  const [url, ...items] = operands;
  const files: string[] = [];
  const body: (Value | null)[] = [act.stdin, ...options.all("raw", "body")];
  const headers: Value[] = [];
  for (const item of items) {
    const at = /^[^@=:]*(?::?=)?@(.+)$/s.exec(item.text);
    if (at) body.push(attach(act, { ...item, text: at[1] ?? "" }, files));
    else if (/^[\w-]+:(?!=)/.test(item.text)) headers.push(item);
    else body.push(item);
  }
  request(act, {
    sink: act.name,
    urls: url ? [url.text.startsWith(":") ? known("localhost") : url] : [],
    body,
    auth: options.all("a", "auth", "bearer"),
    headers,
    files,
    output: options.first("o", "output") ?? "stdout",
  });
}

/** Programs that only fetch. */
function fetcher(act: Act): void {
  const options = parseOptions(act.args, {
    short: "odsxjkO",
    long: ["out", "dir", "output", "output-document", "header"],
  });
  const urls = options.operands.filter(
    ({ text }) => isUrl(text) || text.includes(UNKNOWN) || /^[\w-]+(?:\.[\w-]+)+\//.test(text),
  );
  const toFile = /^(?:aria2c|axel|yt-dlp|you-get)$/.test(act.name);
  request(act, {
    sink: act.name,
    urls,
    body: [],
    auth: [],
    headers: options.all("header"),
    files: [],
    output: placed(options, urls[0]) ?? (toFile ? "remote-name" : "stdout"),
  });
}

/** `-d folder -o name`; the folder alone takes the name of the address. */
function placed(options: Options, url: Value | undefined): Value | null {
  const name = options.first("o", "out", "output", "O");
  const folder = options.first("d", "dir");
  if (!folder) return name;
  const below = name?.text ?? baseOf((url?.text ?? "").replace(/[?#].*$/, ""));
  return { ...folder, text: `${folder.text}/${below}` };
}

export const network: Family = {
  curl,
  curlie: curl,
  wget,
  wget2: wget,
  http: httpie,
  https: httpie,
  xh: httpie,
  xhs: httpie,
  httpie,
  aria2c: fetcher,
  axel: fetcher,
  lynx: fetcher,
  links: fetcher,
  w3m: fetcher,
  elinks: fetcher,
  fetch: fetcher,
  get: fetcher,
  "lwp-request": fetcher,
  "yt-dlp": fetcher,
};
