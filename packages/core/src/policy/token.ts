import type { ExpandContext } from "./expand.ts";

const TOKEN = /\$(?:\{(\w+)\}|(\w+))|%(\w+(?:\(\w+\))?)%/g;

/** A pattern's text with its tokens taken out: what is left may hold wildcards. */
export function withoutTokens(text: string): string {
  return text.replace(TOKEN, "");
}

export function hasToken(text: string): boolean {
  return text.search(TOKEN) >= 0;
}

/** The variables a text names; upper case on Windows, where `%AppData%` is `%APPDATA%`. */
export function tokenNames(text: string, platform: ExpandContext["platform"]): readonly string[] {
  return [...text.matchAll(TOKEN)].map((found) =>
    canonical(found[1] ?? found[2] ?? found[3] ?? "", platform),
  );
}

/**
 * Puts values in place of `$VAR`, `${VAR}` and `%VAR%`. A value is literal: tokens or wildcards in it mean nothing.
 * @param own variables that stand before the environment
 * @returns the text, or the first variable that is unset or empty
 */
export function fillTokens(
  text: string,
  own: Readonly<Record<string, string>>,
  context: Pick<ExpandContext, "env" | "platform">,
): string | { readonly unset: string } {
  let unset: string | null = null;
  const filled = text.replace(TOKEN, (_all, braced?: string, plain?: string, percent?: string) => {
    const name = braced ?? plain ?? percent ?? "";
    const value = lookup(name, own, context);
    if (value === "") unset ??= name;
    return value;
  });
  return unset === null ? filled : { unset };
}

function lookup(
  name: string,
  own: Readonly<Record<string, string>>,
  { env, platform }: Pick<ExpandContext, "env" | "platform">,
): string {
  const wanted = canonical(name, platform);
  // Own keys only: `$constructor` names no variable.
  if (Object.hasOwn(own, wanted)) return own[wanted] ?? "";
  if (Object.hasOwn(env, name)) return env[name] ?? "";
  if (platform !== "windows") return "";
  const key = Object.keys(env).find((candidate) => canonical(candidate, platform) === wanted);
  return key === undefined ? "" : (env[key] ?? "");
}

function canonical(name: string, platform: ExpandContext["platform"]): string {
  return platform === "windows" ? name.toUpperCase() : name;
}

/** Native, absolute, without doubled, trailing or `.` components; null when it is not absolute. */
export function cleanBase(path: string, platform: ExpandContext["platform"]): string | null {
  if (platform === "windows") {
    const slashed = path.replaceAll("\\", "/");
    if (!/^[A-Za-z]:\//.test(slashed)) return null;
    const drive = slashed.slice(0, 2);
    return (drive + squeeze(slashed.slice(2))).replaceAll("/", "\\");
  }
  return path.startsWith("/") ? squeeze(path) : null;
}

function squeeze(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return `/${parts.join("/")}`;
}
