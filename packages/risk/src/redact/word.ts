import { restlessness } from "../secrets/entropy.ts";
import { shapedSecrets } from "../secrets.ts";
import { isSecretName } from "../secrets/named.ts";

/** Stands for what was dropped. */
export const GONE = "***";

const PLAIN_VALUES = /^(?:true|false|on|off|yes|no|null|none|\d{1,3}|)$/i;
const URL_LIKE = /\b([A-Za-z][A-Za-z0-9+.-]{1,20}):\/\/([^\s"'`<>|\\)}\]]*)/g;
const ASSIGNMENT = /^(-{0,2}[A-Za-z_$][\w.:[\]${}-]{0,127}?\+?=)(.*)$/s;
const HEADER = /^(\s*[A-Za-z][A-Za-z0-9-]{1,64}:)\s*(\S[\s\S]*)$/;
const SCHEMES = /\b(bearer|basic|token|apikey|digest|negotiate)(\s+)([^\s"',;]{4,})/gi;
/** The same after its quotes were taken away. */
const BARE_VALUE = /\b([A-Za-z_][\w-]{0,64})(["']?[:=]\s?)([^\s"',;{}]+)/g;
const JSON_VALUE = /(["']?)([A-Za-z_][\w-]{0,64})\1(\s*[:=]\s*)(["'])((?:(?!\4)[^\\]|\\.)*)(\4|$)/g;

/** One unquoted word without what may be secret. */
export function redactWord(word: string): string {
  const shaped = shapedSecrets(word).reduce(
    (text, { value }) => text.replaceAll(value, GONE),
    word,
  );
  const assigned = redactAssignment(shaped);
  if (assigned !== null) return assigned;
  return redactRuns(redactPairs(redactSchemes(redactUrls(shaped))));
}

/** `NAME=value` and `--flag=value` keep the name. */
function redactAssignment(word: string): string | null {
  const match = ASSIGNMENT.exec(word);
  if (!match) return null;
  const [, name = "", value = ""] = match;
  return PLAIN_VALUES.test(value) ? word : `${redactRuns(name.slice(0, -1))}=${GONE}`;
}

/** Keeps scheme and host. */
export function redactUrls(text: string): string {
  return text.replace(URL_LIKE, (whole: string, scheme: string, rest: string) => {
    const end = rest.search(/[/?#]/);
    const authority = end < 0 ? rest : rest.slice(0, end);
    const tail = end < 0 ? "" : rest.slice(end);
    const host = authority.slice(authority.lastIndexOf("@") + 1);
    if (host === authority && (tail === "" || tail === "/")) return whole;
    return `${scheme}://${host}${tail === "" || tail === "/" ? tail : "/…"}`;
  });
}

function redactSchemes(text: string): string {
  return text.replace(SCHEMES, (_, scheme: string, blank: string) => `${scheme}${blank}${GONE}`);
}

/** `"api_key": "v"` inside a longer text, whatever quotes it uses. */
function redactPairs(text: string): string {
  const header = HEADER.exec(text);
  if (header && isSecretName(header[1] ?? "")) return `${header[1]} ${GONE}`;
  const quoted = text.replace(
    JSON_VALUE,
    (whole: string, open: string, name: string, between: string, quote: string, value: string) =>
      isSecretName(name) && !PLAIN_VALUES.test(value)
        ? `${open}${name}${open}${between}${quote}${GONE}${quote}`
        : whole,
  );
  return quoted.replace(BARE_VALUE, (whole: string, name: string, between: string, value: string) =>
    isSecretName(name) && !PLAIN_VALUES.test(value) ? `${name}${between}${GONE}` : whole,
  );
}

const RUN = /[A-Za-z0-9]{14,}/g;
const JOINED = /[A-Za-z0-9][A-Za-z0-9+/=_-]{22,}/g;
/** The same within one name of a path: `/tmp/run-x7Qk2A/project/hooks` is names, not one run. */
const JOINED_IN_PATH = /[A-Za-z0-9][A-Za-z0-9+=_-]{22,}/g;
/** It starts like a path, or has a name in it that begins or ends as only files' do. */
const PATH = /^(?:\.{0,2}|~\w*|[A-Za-z]:|\$\{?\w{1,64}\}?)[\\/]|\/\.\w|\/[\w-]{1,64}\.\w{1,6}$/;

/** Long runs that look random: keys, digests, identifiers. Words, paths and names stay. */
function redactRuns(text: string): string {
  return text
    .replace(RUN, (run) => (isRandom(run) ? GONE : run))
    .replace(PATH.test(text) ? JOINED_IN_PATH : JOINED, (run) => {
      const letters = run.replace(/[^A-Za-z0-9]/g, "");
      const separators = run.length - letters.length;
      return separators * 4 < run.length && isRandom(letters) ? GONE : run;
    });
}

function isRandom(run: string): boolean {
  if (/^[0-9]{16,}$/.test(run) || (run.length >= 24 && /^[0-9a-f]+$/i.test(run))) return true;
  const level = restlessness(run);
  if (!/[0-9]/.test(run)) return run.length >= 18 && level >= 0.2;
  // One in 16,000 random keys of 20 letters or more is calmer than 0.16, one in 400,000 than 0.12.
  const isKeyLike = run.length >= 20 && /[a-z]/.test(run) && /[A-Z]/.test(run);
  return level >= (isKeyLike ? 0.12 : 0.16);
}
