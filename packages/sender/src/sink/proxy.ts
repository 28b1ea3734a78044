import { fail } from "../errors.ts";

export type ProxyEnv = Readonly<Record<string, string | undefined>>;

/**
 * The proxy to reach a server through, or null.
 * @param setting `server.proxy` of sender.yaml
 * @throws SIGIL_SENDER_PROXY_INVALID for what the environment holds
 */
export function proxyFor(setting: string, server: URL, env: ProxyEnv): URL | null {
  if (setting === "none") return null;
  if (setting !== "environment") return new URL(setting);
  const value = env["https_proxy"] ?? env["HTTPS_PROXY"] ?? "";
  if (value === "" || isExempt(server, env["no_proxy"] ?? env["NO_PROXY"] ?? "")) return null;
  const url = URL.parse(value);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  // The value is not shown: it may hold a password.
  throw fail("SIGIL_SENDER_PROXY_INVALID", "HTTPS_PROXY is not an http:// or https:// URL");
}

/** NO_PROXY as curl reads it: `*`, or names that stand for themselves and what is below them, each maybe with a port. */
function isExempt(server: URL, list: string): boolean {
  const host = bareHost(server).toLowerCase();
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === "*") return true;
    const { name, port } = hostAndPort(entry.toLowerCase());
    if (name === "" || (port !== null && port !== (server.port || "443"))) return false;
    return host === name || host.endsWith(`.${name}`);
  });
}

function hostAndPort(entry: string): { readonly name: string; readonly port: string | null } {
  const [, six, sixPort] = /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? [];
  if (six !== undefined) return { name: six, port: sixPort ?? null };
  const [head = "", port, ...more] = entry.split(":");
  if (more.length > 0) return { name: entry, port: null };
  return { name: head.replace(/^\*?\./, ""), port: port ?? null };
}

/** Without the brackets of an IPv6 address. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** `Proxy-Authorization`, RFC 7617, from the user and password of the proxy's URL. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === "" && proxy.password === "") return {};
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
}
