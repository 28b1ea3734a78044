import { usageError } from "@sigil/cli";
import type { ConfigRequest } from "../config.ts";

/** Puts `--server` over what the file says. @throws SIGIL_USAGE_INVALID */
export function serverFlag(request: ConfigRequest, server: string | undefined): ConfigRequest {
  if (server === undefined) return request;
  httpsUrl(server, "https://sigil.example.com:8443");
  return { ...request, overrides: { ...request.overrides, server } };
}

/** @throws SIGIL_USAGE_INVALID for anything but an https:// URL without user, query and fragment */
export function httpsUrl(text: string, example: string): URL {
  const url = URL.parse(text);
  const isPlain =
    url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (isPlain && url.protocol === "https:") return url;
  throw usageError(`--server ${JSON.stringify(text)} is not a plain https:// URL`, {
    hint: `such as ${example}`,
  });
}
