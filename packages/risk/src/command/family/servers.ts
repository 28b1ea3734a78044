import type { Value } from "../../model/behavior.ts";
import { report } from "../act.ts";
import type { Act, Family } from "../act.ts";
import { pathOf, shownPath } from "../files.ts";
import { classOf } from "../knowledge/classify.ts";
import { parseOptions } from "../options.ts";
import { transfer } from "../transfer.ts";
import { known } from "../value.ts";
import { attach } from "../request.ts";

/** A folder that anyone who asks gets: of the home or of credentials it is one too many. */
export function serve(act: Act, args: readonly Value[], sink: string): void {
  const options = parseOptions(args, { short: "bdap", long: ["bind", "directory", "port"] });
  if (/^(?:127\.|localhost|::1)/.test(options.first("b", "bind", "a")?.text ?? "")) return;
  const folder = options.operands.find(({ text }) => !/^\d+$/.test(text));
  expose(act, options.first("d", "directory") ?? folder ?? known("."), sink);
}

function expose(act: Act, folder: Value, sink: string): void {
  const kind = classOf(pathOf(act, folder), act.ctx);
  if (kind !== "secret" && kind !== "root-or-home") return;
  const payload = { source: shownPath(act, folder), sink, url_host: null };
  report(act, "exfiltration_in_hook", payload);
}

/** `ngrok http file:///home/x`: a folder on a public address. */
function ngrok(act: Act): void {
  for (const arg of act.args) {
    const path = /^(?:file:\/\/|--?(?:url|addr)=file:\/\/)(.+)$/.exec(arg.text)?.[1];
    if (path !== undefined) expose(act, { ...arg, text: path }, act.name);
  }
}

/** `croc send file`, `wormhole send file`: whoever has the code gets it. */
function handOver(act: Act): void {
  const [verb, ...files] = parseOptions(act.args, {
    long: ["code", "relay", "pass", "text", "relay-url", "transit-helper"],
  }).operands;
  if (!/^(?:send|tx|upload|share|put)$/.test(verb?.text ?? "")) return;
  const paths: string[] = [];
  const body = files.slice(0, 16).map((file) => attach(act, file, paths));
  transfer(act, { host: null, sink: act.name, body: [act.stdin, ...body], files: paths });
}

/** Programs that give files away without being asked where to. */
export const servers: Family = {
  ngrok,
  "http-server": (act) => serve(act, act.args, act.name),
  miniserve: (act) => serve(act, act.args, act.name),
  croc: handOver,
  wormhole: handOver,
  "magic-wormhole": handOver,
  ffsend: handOver,
  sendme: handOver,
};
